// Gives the browser the cookie that makes it an owner, as Python signed it. Python can't set one itself, so this one can
// be read by scripts of the page. If another tab has set one meanwhile, or if the browser takes none, Python hears of it.
export default function ({ data, setStateValue }) {
  if (!data?.value) return
  const cookies = () =>
    document.cookie.split("; ").filter((each) => each.startsWith(`${data.name}=`)).map((each) => each.slice(data.name.length + 1))
  const report = (value) => {
    if (window.__labOwnerReported === value) return // once: each report draws the page again
    window.__labOwnerReported = value
    setStateValue("cookie", value)
  }
  const others = cookies().filter((each) => each !== data.value && !data.worthless.includes(each))
  if (cookies().includes(data.value)) return
  if (others.length) return report(others[0])
  const secure = window.location.protocol === "https:" ? "; Secure" : ""
  document.cookie = `${data.name}=${data.value}; Path=${data.path}; Max-Age=${data.seconds}; SameSite=Lax${secure}`
  if (!cookies().includes(data.value)) return report("")
  // Two new tabs may set one each at the same moment; the last stays, and the other tab hears of it.
  for (const later of [200, 1000, 4000]) {
    setTimeout(() => {
      const [now] = cookies()
      if (now && now !== data.value && !data.worthless.includes(now)) report(now)
    }, later)
  }
}
