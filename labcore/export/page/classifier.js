// The worker: it loads the models, one after the other, and computes the logits of what you type.
// In: {page}, once, then {text, second, turn}. Out: {kind: "progress" | "ready" | "failed" | "result" | "done", …}.

import { Problem, bytesOf, exportOf, jsonOf, moduleOf, unpacked } from "./loading.js"
import { Reader } from "./tokens.js"

const WARM_UP = 2 // passes, after which the browser has compiled what a pass needs
const models = [] // in the order in which they are loaded: the student first

onmessage = ({ data }) => (data.page ? load(data.page) : classify(data))

async function load(page) {
  let role = "student"
  try {
    let runtime = null
    for (const files of page.models) {
      role = files.role
      const total = files.bytes["model.onnx"] + files.bytes["tokenizer.json"] + (runtime ? 0 : page.runtime.bytes)
      let done = 0
      const progress = (more) => postMessage({ kind: "progress", role, done: (done += more), total })
      progress(0)
      const [started, model] = await Promise.all([runtime ?? start(page.runtime.file, progress), parts(files, progress)])
      runtime = started
      models.push(await assembled(role, runtime, model))
      postMessage({ kind: "ready", role, labels: model.facts.labels })
    }
  } catch (error) {
    postMessage({ kind: "failed", role, words: wordsOf(error) })
  }
}

// onnxruntime-web and the tokenizer's library. The bytes of the former's WebAssembly are given, so it fetches nothing.
async function start(file, progress) {
  const [ort, { Tokenizer }, wasm] = await Promise.all([
    moduleOf("runtime/ort.wasm.bundle.min.mjs"),
    moduleOf("runtime/tokenizers.min.mjs"),
    unpacked(file, progress),
  ])
  ort.env.wasm.numThreads = 1 // more need headers that not every static server sends
  ort.env.wasm.wasmBinary = wasm.buffer
  ort.env.logLevel = "error"
  return { ort, Tokenizer }
}

async function parts({ folder, bytes }, progress) {
  const [facts, config, tokenizer, weights] = await Promise.all([
    exportOf(`${folder}/export.json`),
    jsonOf(`${folder}/tokenizer_config.json`),
    jsonOf(`${folder}/tokenizer.json`, progress),
    bytesOf(`${folder}/model.onnx`, bytes["model.onnx"], progress),
  ])
  return { folder, facts, config, tokenizer, weights }
}

async function assembled(role, { ort, Tokenizer }, { folder, facts, config, tokenizer, weights }) {
  let reader, session
  try {
    reader = new Reader(new Tokenizer(tokenizer, config), tokenizer, facts.max_length)
  } catch (error) {
    throw new Problem(`${folder}/tokenizer.json can't be used (${error.message}). Export the student again.`)
  }
  try {
    session = await ort.InferenceSession.create(weights, { executionProviders: ["wasm"] })
  } catch (error) {
    throw new Problem(`${folder}/model.onnx can't be used (${String(error.message ?? error).slice(0, 200)}).`)
  }
  const model = { role, ort, reader, session, labels: facts.labels }
  for (let i = 0; i < WARM_UP; i++) await outputOf(model, "a", session.inputNames.includes("token_type_ids") ? "b" : null)
  return model
}

async function classify({ text, second, turn }) {
  for (const model of [...models]) {
    try {
      postMessage({ kind: "result", role: model.role, turn, ...(await outputOf(model, text, second)) })
    } catch (error) {
      postMessage({ kind: "failed", role: model.role, words: wordsOf(error) })
    }
  }
  postMessage({ kind: "done", turn })
}

async function outputOf({ ort, reader, session, labels }, text, second) {
  const began = performance.now()
  const read = reader.read(text, second)
  const shape = [1, read.ids.length]
  const given = { input_ids: read.ids, attention_mask: read.ids.map(() => 1), token_type_ids: read.types }
  const inputs = session.inputNames.map((name) => [
    name,
    new ort.Tensor("int64", BigInt64Array.from(given[name], (value) => BigInt(value)), shape),
  ])
  const { logits } = await session.run(Object.fromEntries(inputs))
  const values = Array.from(logits.data)
  if (values.length !== labels.length) {
    throw new Problem(`The model computes ${values.length} logits, but export.json names ${labels.length} labels.`)
  }
  return { ...read, logits: values, maxLength: reader.maxLength, ms: performance.now() - began }
}

function wordsOf(error) {
  if (error instanceof Problem) return error.message
  if (error instanceof RangeError) return "The browser has too little memory for this model. Close other tabs and reload."
  return `The page met an unforeseen error: ${error?.message ?? error}. Reload the page.`
}
