// The selectable points of a chart as buttons above them: for the keyboard and for screen readers.
// One of them is in the tab order; the arrow keys go to the others, from left to right. A pointer passes through.

function pointButtons(host, plot, choose) {
  const group = document.createElement("div")
  group.className = "lab-chart-points"
  group.setAttribute("role", "group")
  group.setAttribute("aria-label", "Points, from left to right; the arrow keys go from one to the next")
  let points = []
  let current = 0

  function found() {
    const { xaxis, yaxis } = plot._fullLayout
    return plot._fullData
      .filter((trace) => trace.visible === true && trace.customdata)
      .flatMap((trace) =>
        Array.from(trace.customdata, (id, i) => ({
          id,
          left: xaxis._offset + xaxis.d2p(trace.x[i]),
          top: yaxis._offset + yaxis.d2p(trace.y[i]),
          words: [trace.hovertext ?? trace.name].flat()[i] ?? trace.name,
          place: { curveNumber: trace.index, pointNumber: i },
        })),
      )
      .sort((a, b) => a.left - b.left)
  }

  function button(index) {
    const made = document.createElement("button")
    made.type = "button"
    made.addEventListener("click", () => choose(points[index].id))
    made.addEventListener("focus", () => {
      go(index)
      Plotly.Fx.hover(plot, [points[index].place])
    })
    made.addEventListener("blur", () => Plotly.Fx.unhover(plot))
    return made
  }

  function go(index) {
    current = Math.max(0, Math.min(index, points.length - 1))
    for (const [i, made] of [...group.children].entries()) made.tabIndex = i === current ? 0 : -1
  }

  group.addEventListener("keydown", (event) => {
    const to = { ArrowRight: current + 1, ArrowUp: current + 1, ArrowLeft: current - 1, ArrowDown: current - 1, Home: 0, End: Infinity }
    if (!(event.key in to)) return
    event.preventDefault() // the page must not scroll
    go(to[event.key])
    group.children[current].focus()
  })

  // The same buttons after each drawing, so that the keyboard stays where it is.
  function place() {
    points = found()
    while (group.children.length < points.length) group.append(button(group.children.length))
    while (group.children.length > points.length) group.lastChild.remove()
    for (const [i, { left, top, words }] of points.entries()) {
      const made = group.children[i]
      made.style.transform = `translate(${left}px, ${top}px)`
      made.setAttribute("aria-label", words.replace(/<[^>]*>/g, " ").trim())
    }
    go(current)
  }

  host.append(group)
  plot.on("plotly_afterplot", place)
  place()
}
