// Brings an element into view, and focuses the first control in it, once for each numbered request.
// Streamlit calls the default export on mounting and whenever the data change.

const PATIENCE = 5000 // milliseconds in which the element may appear
const CONTROL = ["button:not(:disabled, [aria-label^=\"Help for\"])", "input:not(:disabled)", "textarea:not(:disabled)", "a[href]"].join()

function scrollerOf(element) {
  for (let around = element.parentElement; around; around = around.parentElement)
    if (around.scrollHeight > around.clientHeight && /auto|scroll/.test(getComputedStyle(around).overflowY)) return around
  return document.documentElement
}

function attend(element, focus) {
  const box = element.getBoundingClientRect()
  const pixels = (of, property) => parseFloat(getComputedStyle(of)[property]) || 0
  const padding = pixels(document.querySelector("[data-testid=stMain]"), "scrollPaddingTop")
  const top = padding + pixels(element, "scrollMarginTop")
  if (box.top < top || box.bottom > innerHeight) {
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"
    const room = Math.min(innerHeight - top, scrollerOf(element).clientHeight) // a menu is a window of its own
    element.scrollIntoView({ block: box.top < top || box.height > room ? "start" : "end", behavior })
  }
  if (focus) element.querySelector(CONTROL)?.focus({ preventScroll: true })
}

export default function ({ data }) {
  if (!data || window.__labAttention === data.number) return
  window.__labAttention = data.number
  const end = performance.now() + PATIENCE
  const look = () => {
    const element = document.querySelector(data.selector)
    if (element) requestAnimationFrame(() => attend(element, data.focus)) // once it is laid out
    else if (performance.now() < end) requestAnimationFrame(look)
  }
  look()
}
