// Streamlit gives its app the theme's color-scheme, and draws popovers beside the app, where `light-dark()` then takes
// the light colours in a dark theme. So the document takes the app's scheme, again after each change of the theme.
export default function () {
  const app = document.querySelector("[data-testid=stApp]")
  if (!app || app.lendsItsColourScheme) return
  app.lendsItsColourScheme = true
  const lend = () => { document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme }
  new MutationObserver(lend).observe(app, { attributes: true, attributeFilter: ["class"] })
  lend()
}
