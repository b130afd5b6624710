// The page: what you type goes to the worker, and its logits come back as bars. All text is set as text, never as HTML.

import { Problem, jsonOf } from "./loading.js"
import { Results } from "./results.js"

const PAUSE_MS = 150 // after the last key, before the model computes
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]
const OLD = "This browser is too old for the page. Update it, or open the page in another one."
const MEGABYTE = 1e6

const element = (id) => document.getElementById(id)
const main = document.querySelector("main")
const text = element("text")
const second = element("second")
const results = new Results(element("results"), element("prediction"))
let worker = null
let timer = 0
let turn = 0 // of the last text that was sent
let busy = false
let waiting = false // a text came while the worker computes

element("not-served").remove()
begin().catch((error) => failed("student", error instanceof Problem ? error.message : `${OLD} (${error.message})`))

async function begin() {
  const wasm = typeof WebAssembly === "object" && WebAssembly.validate(new Uint8Array(SIMD))
  if (!wasm || typeof DecompressionStream !== "function") throw new Problem(OLD)
  const page = await jsonOf("page.json")
  results.roles = page.models.map((model) => model.role)
  const address = new URL("classifier.js", import.meta.url).href
  const source = new Blob([`import ${JSON.stringify(address)}`], { type: "text/javascript" })
  // A worker of a blob has this page's Content-Security-Policy, so it can reach no other host either.
  worker = new Worker(URL.createObjectURL(source), { type: "module" })
  worker.onmessage = ({ data }) => received(data)
  worker.onerror = () => failed("student", "classifier.js is missing on the server, or damaged. Copy the folder again.")
  worker.postMessage({ page })
  for (const box of [text, second]) box?.addEventListener("input", () => later(PAUSE_MS))
  for (const box of [text, second]) box?.addEventListener("keydown", entered)
  for (const button of document.querySelectorAll("button[data-sample]")) button.addEventListener("click", tried)
}

function received(message) {
  const { kind, role } = message
  if (kind === "progress") loading(role, message.done, message.total)
  else if (kind === "ready") ready(role, message.labels)
  else if (kind === "failed") failed(role, message.words)
  else if (kind === "result") results.add(message)
  else if (kind === "done") done(message.turn)
}

function loading(role, done, total) {
  const box = element(`loading-${role}`)
  if (!box) return // another file of it has failed
  const of = (bytes) => (bytes / MEGABYTE).toFixed(1)
  const fraction = Math.min(1, done / total)
  box.querySelector("progress").value = fraction
  box.querySelector("span").textContent =
    fraction < 1
      ? `Loading the ${role}: ${of(done)} of ${of(total)} MB (${Math.floor(100 * fraction)} %)`
      : `Starting the ${role} …`
}

function ready(role, labels) {
  element(`loading-${role}`).remove()
  results.ready(role, labels)
  if (role === "student") main.dataset.state = "ready"
  main.dataset.ready = [main.dataset.ready, role].filter(Boolean).join(" ")
  later(0)
}

function failed(role, words) {
  for (const each of role === "student" ? ["student", "teacher"] : [role]) element(`loading-${each}`)?.remove()
  const box = element("problem")
  box.hidden = false
  const line = document.createElement("p")
  line.textContent = role === "teacher" ? `The teacher is not here: ${words}` : words
  box.append(line)
  if (role === "student") {
    main.dataset.state = "failed"
    results.failed()
  }
}

function later(pause) {
  clearTimeout(timer)
  timer = setTimeout(send, pause)
}

function send() {
  if (main.dataset.state !== "ready") return
  const typed = [text, second].filter(Boolean).map((box) => box.value)
  if (typed.some((value) => !value.trim())) {
    turn++ // what is being computed is of no use
    results.empty(typed.length > 1)
    return
  }
  if (busy) {
    waiting = true
    return
  }
  busy = true
  results.begin(++turn)
  worker.postMessage({ text: typed[0], second: typed[1] ?? null, turn })
}

function done(of) {
  busy = false
  if (of === turn) results.complete()
  if (waiting) {
    waiting = false
    send()
  }
}

function entered(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
  event.preventDefault()
  later(0)
}

function tried(event) {
  text.value = event.currentTarget.dataset.sample
  if (second) second.value = event.currentTarget.dataset.second
  text.focus()
  later(0)
}
