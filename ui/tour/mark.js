// Brings what a stop of the tour speaks of into view: the first of some selectors that the page has, once a token.
// Streamlit calls the default export on mounting and whenever the data change.

const PATIENCE = 8000 // milliseconds in which the control may appear

export default function ({ data }) {
  if (!data || window.__labTourMark === data.token) return
  window.__labTourMark = data.token
  const end = performance.now() + PATIENCE
  const look = () => {
    if (window.__labTourMark !== data.token) return // another stop has begun
    const element = data.selectors.map((selector) => document.querySelector(selector)).find(Boolean)
    if (element) {
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"
      requestAnimationFrame(() => element.scrollIntoView({ block: data.block, behavior }))
    } else if (performance.now() < end) requestAnimationFrame(look)
  }
  look()
}
