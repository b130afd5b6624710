// What was computed of the text: the predicted label of each model, and the probability of each label as a bar.

const MOST_LABELS = 8 // of more labels, the most probable are shown
const EMPTY = "Type a text, and its probabilities appear here."
const EMPTY_PAIR = "Type both texts, and their probabilities appear here."

export class Results {
  // box: the element of the bars and verdicts. line: the one that a screen reader speaks.
  constructor(box, line) {
    this.box = box
    this.line = line
    this.roles = ["student"]
    this.labels = {}
    this.turn = 0
    this.given = {}
  }

  ready(role, labels) {
    this.labels[role] = labels
    this.box.querySelector(`output[data-role=${role}]`).hidden = false
    if (role === "student") this.empty(document.getElementById("second") !== null)
  }

  failed() {
    this.#cleared()
    this.line.textContent = ""
  }

  empty(pair) {
    this.turn = 0
    this.#cleared()
    this.line.textContent = pair ? EMPTY_PAIR : EMPTY
  }

  begin(turn) {
    this.turn = turn
    this.given = {}
  }

  // A model's logits of the text of this turn; those of an earlier text are dropped.
  add(result) {
    if (result.turn !== this.turn) return
    const probabilities = softmax(result.logits)
    const best = probabilities.indexOf(Math.max(...probabilities))
    this.given[result.role] = { ...result, probabilities, best, label: this.labels[result.role][best] }
    this.#verdict(result.role)
    this.#bars()
    if (result.role === "student") this.#cut(result)
  }

  // All models computed: one line states it.
  complete() {
    const { student, teacher } = this.given
    if (!student) return
    if (!student.words) {
      this.#cleared()
      this.line.textContent = "The student has no token for this text."
      return
    }
    const said = `The student predicts ${student.label}, ${percent(student.probabilities[student.best])}.`
    const agree = teacher && student.label === teacher.label
    this.box.dataset.agree = teacher ? String(agree) : ""
    this.line.textContent = !teacher
      ? said
      : agree
        ? `Student and teacher agree: ${student.label}.`
        : `They disagree: the student predicts ${student.label}, the teacher ${teacher.label}.`
  }

  #cleared() {
    this.given = {}
    delete this.box.dataset.agree
    for (const output of this.box.querySelectorAll("output")) {
      for (const name of ["ids", "logits", "ms"]) delete output.dataset[name]
      output.querySelector("b").textContent = "–"
      for (const name of [".percent", ".ms"]) output.querySelector(name).textContent = ""
    }
    document.getElementById("cut").textContent = ""
    this.#rows((this.labels.student ?? []).map((_, i) => i))
  }

  #verdict(role) {
    const { ids, logits, label, probabilities, best, ms } = this.given[role]
    const output = this.box.querySelector(`output[data-role=${role}]`)
    output.dataset.ids = JSON.stringify(ids)
    output.dataset.logits = JSON.stringify(logits)
    output.dataset.ms = ms.toFixed(2)
    output.querySelector("b").textContent = label
    output.querySelector(".percent").textContent = percent(probabilities[best])
    output.querySelector(".ms").textContent = `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`
  }

  // A row for each label, in the labels' order; of many labels the most probable, in falling order.
  #bars() {
    const { student } = this.given
    if (!student) return
    const order = student.probabilities.map((_, i) => i)
    if (order.length > MOST_LABELS) order.sort((a, b) => student.probabilities[b] - student.probabilities[a])
    this.#rows(order)
  }

  #rows(labels) {
    const shown = labels.slice(0, MOST_LABELS)
    const list = this.box.querySelector("ul")
    while (list.children.length > shown.length) list.lastChild.remove()
    while (list.children.length < shown.length) list.append(row(this.roles))
    shown.forEach((label, place) => this.#fill(list.children[place], label))
    const more = labels.length - shown.length
    document.getElementById("more").textContent = more ? `${more} further labels are not shown.` : ""
  }

  #fill(item, label) {
    const name = this.labels.student[label]
    item.querySelector(".label").textContent = name
    for (const role of this.roles) {
      const given = this.given[role]
      const at = role === "student" ? label : (this.labels[role] ?? []).indexOf(name)
      const value = given && at >= 0 ? given.probabilities[at] : null
      const bar = item.querySelector(`.${role}`)
      bar.querySelector(".fill").style.width = value === null ? "0" : `${100 * value}%`
      bar.querySelector(".value").textContent = value === null ? "–" : percent(value)
    }
  }

  #cut({ total, ids, words, unknown, maxLength }) {
    const special = ids.length - words
    const parts = []
    if (total > ids.length) {
      parts.push(`Too long: the student reads the first ${words} of ${total - special} tokens (at most ${maxLength},`)
      parts.push(`${special} of them special). The rest changes nothing.`)
    } else parts.push(words === 1 ? "1 token." : `${words} tokens.`)
    if (unknown) parts.push(`${unknown} of them ${unknown === 1 ? "is" : "are"} unknown to the student.`)
    const note = document.getElementById("cut")
    note.textContent = parts.join(" ")
    note.classList.toggle("warning", total > ids.length)
  }
}

function row(roles) {
  const item = document.createElement("li")
  item.append(made("span", "label"))
  for (const role of roles) {
    const bar = made("div", `bar ${role}`)
    const track = made("span", "track")
    track.append(made("span", "fill"))
    bar.append(made("span", "who", role), track, made("span", "value"))
    item.append(bar)
  }
  return item
}

function made(tag, name, words = "") {
  const element = document.createElement(tag)
  element.className = name
  element.textContent = words
  return element
}

function softmax(logits) {
  const top = Math.max(...logits)
  const powers = logits.map((logit) => Math.exp(logit - top))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`
