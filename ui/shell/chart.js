// One lasting Plotly node per mounted chart. Streamlit calls the default export on mounting and again
// whenever the data or the theme change.

const charts = new WeakMap() // Streamlit's parent element -> chart

// Keys that hold data, in which no text is a colour.
const DATA_KEYS = new Set("x y z text customdata ids labels parents hovertext hovertemplate bdata".split(" "))

// sendChartToCloud, on by default since plotly.js 4, would post the chart to plotly.com.
const REMOVED_BUTTONS = (
  "sendChartToCloud zoom2d pan2d select2d lasso2d zoomIn2d zoomOut2d autoScale2d toImage zoom3d pan3d orbitRotation " +
  "tableRotation resetCameraLastSave3d hoverClosest3d hoverClosestCartesian hoverCompareCartesian"
).split(" ")

// Only the address of Streamlit's own start script reveals the app's base path with certainty:
// pages add their own path, and a proxy can add a prefix that the server does not see.
function appUrl(path) {
  const start = performance
    .getEntriesByType("resource")
    .find((entry) => /\/static\/js\/index\.[^/]+\.js$/.test(entry.name))
  return new URL(path, start ? new URL("../../", start.name) : document.baseURI).href
}

// Once per browser tab. The version in the address lets the browser cache the file without checking.
function loadPlotly(version) {
  window.__labPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    const fail = () => {
      delete window.__labPlotly // the next drawing tries again
      script.remove()
      reject(new Error(`plotly.js did not load from ${script.src}`))
    }
    script.src = appUrl(`app/static/plotly.min.js?v=${encodeURIComponent(version)}`)
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : fail())
    script.onerror = fail
    document.head.append(script)
  })
  return window.__labPlotly
}

const canvas = document.createElement("canvas").getContext("2d")

// Any CSS colour, at this fraction of its opacity, in a form that Plotly reads.
function fade(colour, share = 1) {
  canvas.fillStyle = "#808080"
  canvas.fillStyle = colour
  const plain = canvas.fillStyle // "#rrggbb", or "rgba(...)" when not opaque
  const hex = /^#(..)(..)(..)$/.exec(plain)
  const [r, g, b, a = 1] = hex ? hex.slice(1).map((pair) => parseInt(pair, 16)) : plain.match(/[\d.]+/g).map(Number)
  return `rgba(${r}, ${g}, ${b}, ${+(a * share).toFixed(3)})`
}

function readTheme(element) {
  const style = getComputedStyle(element)
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim()
  const list = (name) => read(name).split(/,(?![^(]*\))/).map((part) => part.trim()).filter(Boolean)
  const text = read("text-color") || style.color
  return {
    style,
    text: fade(text),
    muted: fade(text, 0.72),
    grid: fade(text, 0.09),
    background: fade(read("background-color") || "#808080"),
    border: fade(read("border-color") || text),
    font: read("font") || style.fontFamily,
    cycle: list("chart-categorical-colors"),
    scale: list("chart-sequential-colors"),
  }
}

// scale: how much larger than usual the type is, for a projector.
function makeTemplate(theme, scale) {
  const px = (size) => Math.round(size * scale)
  const axis = {
    automargin: true,
    gridcolor: theme.grid,
    linecolor: theme.border,
    tickcolor: theme.border,
    zerolinecolor: theme.border,
    zeroline: false,
    spikecolor: theme.muted,
    spikethickness: 1,
    spikedash: "solid",
    title: { standoff: px(10), font: { size: px(13), color: theme.muted } },
  }
  const flat = { gridcolor: theme.grid, linecolor: theme.border, zerolinecolor: theme.border, showbackground: false }
  const colorbar = { outlinewidth: 0, thickness: px(12), tickfont: { size: px(13) } }
  const steps = theme.scale.map((colour, i) => [i / Math.max(1, theme.scale.length - 1), colour])
  const coloured = { colorbar, ...(steps.length > 1 && { colorscale: steps }) }
  const line = { line: { width: 1.75 }, marker: { size: 7 } }
  return {
    data: {
      scatter: [line],
      scattergl: [line],
      bar: [{ marker: { line: { width: 0 } } }],
      heatmap: [coloured],
      contour: [coloured],
      histogram2d: [coloured],
    },
    layout: {
      font: { family: theme.font, size: px(13), color: theme.muted },
      title: {
        font: { size: px(15), color: theme.text },
        ...{ x: 0, xref: "paper", xanchor: "left" },
        ...{ y: 1, yref: "container", yanchor: "top", pad: { t: 8, b: 12 }, automargin: true },
      },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      ...(theme.cycle.length && { colorway: theme.cycle }),
      ...(steps.length > 1 && { colorscale: { sequential: steps } }),
      coloraxis: { colorbar },
      // The left and lower margins hold usual labels, so that they do not move as the data grow.
      margin: { l: px(52), r: 12, t: px(20), b: px(44), pad: 0 },
      xaxis: { ...axis, showgrid: false, showline: true, ticks: "outside", ticklen: 4 },
      yaxis: { ...axis, showline: false, nticks: 6 },
      scene: { xaxis: flat, yaxis: flat, zaxis: flat },
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
      hoverlabel: {
        bgcolor: theme.background,
        bordercolor: theme.border,
        align: "left",
        font: { family: theme.font, size: px(13), color: theme.text },
      },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: fade(theme.text, 0.45), activecolor: theme.text },
    },
  }
}

// "var(--st-red-color)" becomes a colour that Plotly reads; other texts stay.
function resolveText(text, theme) {
  const [, property] = /^var\((--[\w-]+)\)$/.exec(text) ?? []
  if (property === "--lab-muted") return theme.muted
  return property ? fade(theme.style.getPropertyValue(property).trim()) : text
}

// A deep copy with the page's colours and type size; a copy, because Plotly changes its argument.
function resolve(value, theme, scale, within = "") {
  if (typeof value === "string") return resolveText(value, theme)
  if (Array.isArray(value)) return value.map((item) => resolve(item, theme, scale, within))
  if (value === null || typeof value !== "object") return value
  const put = (key, item) => {
    if (DATA_KEYS.has(key)) return structuredClone(item)
    return key === "size" && /font$/.test(within) ? Math.round(item * scale) : resolve(item, theme, scale, key)
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, put(key, item)]))
}

function create(parent) {
  const host = document.createElement("div")
  host.className = "lab-chart"
  host.setAttribute("role", "figure")
  host.dataset.state = "wait"
  const plot = document.createElement("div")
  plot.className = "lab-chart-plot"
  const note = document.createElement("p") // what will come, until there is a figure
  note.className = "lab-chart-awaits"
  host.append(plot, note)
  parent.append(host)

  let spec, pick, Plotly, theme
  let listening = false // whether Plotly has drawn once, so that its node has the listeners
  let stale = false // new data or theme not drawn yet
  let drawn // what is on the screen, as text

  // Flat lists and one object for the chart's life: Plotly.react compares it and starts again on a change.
  const config = {
    displaylogo: false,
    displayModeBar: "hover",
    scrollZoom: false,
    responsive: false,
    plotlyServerURL: "",
    topojsonURL: "",
    modeBarButtonsToRemove: REMOVED_BUTTONS,
    modeBarButtonsToAdd: [],
  }

  function download() {
    // On a solid ground: the theme's text is not legible on every background of a transparent image.
    const layout = { ...plot.layout, paper_bgcolor: theme.background }
    const size = { width: host.clientWidth, height: host.clientHeight }
    Plotly.downloadImage({ data: plot.data, layout, config: { displaylogo: false } }, { format: "png", scale: 2, filename: spec.name, ...size })
  }

  function start() {
    config.modeBarButtonsToAdd = [{ name: "png", title: "Download PNG", icon: Plotly.Icons.camera, click: download }]
  }

  function listen() {
    plot.on("plotly_click", ({ points }) => {
      const data = points[0]?.customdata
      const value = Array.isArray(data) || ArrayBuffer.isView(data) ? data[0] : data
      if (pick && value !== undefined && value !== null) pick(value)
    })
    plot.on("plotly_hover", ({ points }) => {
      if (pick && points[0]?.customdata !== undefined) host.dataset.hot = ""
    })
    plot.on("plotly_unhover", () => delete host.dataset.hot)
    if (pick) pointButtons(host, plot, (value) => pick(value))
  }

  async function draw() {
    try {
      note.textContent = spec.awaits
      host.toggleAttribute("data-awaits", Boolean(spec.awaits))
      if (spec.awaits) {
        stale = false
        host.dataset.state = "ready"
        return
      }
      if (!listening) host.dataset.state = "wait"
      Plotly ??= await loadPlotly(spec.version)
      if (!stale || spec.awaits || !host.clientWidth) return // in a hidden tab: drawn when shown
      stale = false
      theme = readTheme(host)
      const { data, layout } = resolve(spec.figure, theme, spec.scale ?? 1)
      if (!listening) start()
      layout.template = makeTemplate(theme, spec.scale ?? 1)
      layout.autosize = true
      layout.uirevision ??= "keep"
      // On a touch screen a drag must scroll the page, not zoom the chart.
      if (matchMedia("(pointer: coarse)").matches) layout.dragmode ??= false
      // Drawing the same figure again would drop the hovered point, and lose a click in progress.
      const now = JSON.stringify([data, layout])
      if (now === drawn) return
      drawn = now
      await Plotly.react(plot, data, layout, config)
      if (!listening) listen()
      listening = true
      for (const svg of plot.querySelectorAll(".main-svg")) svg.setAttribute("aria-hidden", "true") // its label describes it
      host.dataset.state = "ready"
    } catch (error) {
      console.error(error)
      host.dataset.error = "The chart could not be drawn."
      host.dataset.state = "error"
    }
  }

  const sizes = new ResizeObserver(() => {
    if (!host.clientWidth) return
    if (stale) draw()
    const full = plot._fullLayout
    if (full && (full.width !== host.clientWidth || full.height !== host.clientHeight)) Plotly.Plots.resize(plot)
  })
  sizes.observe(host)

  return {
    update(data, setStateValue) {
      spec = data
      pick = data.select ? (value) => setStateValue("picked", value) : null
      host.setAttribute("aria-label", data.alt)
      stale = true
      draw()
    },
    close() {
      sizes.disconnect()
      if (listening) Plotly.purge(plot)
      host.remove()
      charts.delete(parent)
    },
  }
}

export default function ({ data, parentElement, setStateValue }) {
  if (!charts.has(parentElement)) charts.set(parentElement, create(parentElement))
  const chart = charts.get(parentElement)
  chart.update(data, setStateValue)
  // Streamlit also cleans up after a call that newer data overtook, while the chart still exists.
  return () => setTimeout(() => parentElement.isConnected || chart.close())
}
