// Files of this page, with their progress, and an error that names the file and what to do.

export class Problem extends Error {}

const COPY = "Copy the folder to the server again, all of its files."

// The bytes of a file. expected: how many, null if the server may have unpacked it. progress: called with new bytes.
export async function bytesOf(path, expected, progress = () => {}) {
  const response = await responseFor(path)
  const chunks = []
  let total = 0
  const reader = response.body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      total += value.length
      progress(value.length)
    }
  } catch {
    throw new Problem(`The connection broke while ${path} was loading. Reload the page.`)
  }
  if (expected !== null && total !== expected) {
    throw new Problem(`${path} has ${total.toLocaleString("en")} bytes, not ${expected.toLocaleString("en")}. ${COPY}`)
  }
  const bytes = new Uint8Array(total)
  let at = 0
  while (chunks.length) {
    const chunk = chunks.shift() // each is freed once it is copied
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

// The data in a JSON file.
export async function jsonOf(path, progress = () => {}) {
  const bytes = await bytesOf(path, null, progress)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new Problem(`${path} is damaged: it is not JSON. ${COPY}`)
  }
}

// What export.json states, checked as far as the page needs it.
export async function exportOf(path) {
  const data = await jsonOf(path)
  const labels = data?.labels
  const named = Array.isArray(labels) && labels.length > 1 && labels.every((label) => typeof label === "string")
  if (!named || !Number.isInteger(data.max_length) || data.max_length < 1) {
    throw new Problem(`${path} is damaged: it lacks the labels or the maximal length. ${COPY}`)
  }
  return data
}

// A file that is packed by gzip. A server that states so in a header has the browser unpack it.
export async function unpacked(path, progress) {
  const bytes = await bytesOf(path, null, progress)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
    return new Uint8Array(await new Response(stream).arrayBuffer())
  } catch {
    throw new Problem(`${path} is damaged. ${COPY}`)
  }
}

// A module of this page.
export async function moduleOf(path) {
  try {
    return await import(addressOf(path))
  } catch {
    throw new Problem(`${path} is missing on the server, or damaged. ${COPY}`)
  }
}

async function responseFor(path) {
  let response
  try {
    response = await fetch(addressOf(path))
  } catch {
    throw new Problem(`${path} can't be loaded: the server gives no reply. Check the connection and reload the page.`)
  }
  if (response.status === 404) throw new Problem(`${path} is missing on the server. ${COPY}`)
  if (!response.ok) throw new Problem(`${path} can't be loaded: the server replied ${response.status}. Reload the page.`)
  return response
}

const addressOf = (path) => new URL(path, import.meta.url).href
