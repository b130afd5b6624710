// Streamlit adds an entry to the browser's history at each change of a query. The lab writes its state into the query
// after each move of a slider, so "Back" would need as many clicks. Within one page the address is replaced instead.
export default function () {
  if (window.history.pushState.oneEntryAPage) return
  const push = window.history.pushState.bind(window.history)
  const pushState = (state, title, url) => {
    const stays = new URL(url ?? "", window.location.href).pathname === window.location.pathname
    return stays ? window.history.replaceState(state, title, url) : push(state, title, url)
  }
  pushState.oneEntryAPage = true
  window.history.pushState = pushState
}
