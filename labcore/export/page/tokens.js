// From a text to the ids that Python's tokenizer gives: special tokens stay, and what is too long is cut.

// How many tokens of a text, and of a pair's second text, are kept: the strategy "longest_first" of
// https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/utils/truncation.rs
export function kept(first, second, room) {
  if (first + second <= room) return [first, second]
  const shorter = Math.min(first, second)
  let longer = Math.max(shorter, room - shorter)
  let less = shorter
  if (less > room) longer = less
  if (less + longer > room) {
    less = Math.floor(room / 2)
    longer = less + (room % 2)
  }
  return first <= second ? [less, longer] : [longer, less]
}

const FAR_HAN = /[\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu

const flat = (normalizer) => (normalizer?.type === "Sequence" ? normalizer.normalizers.flatMap(flat) : [normalizer ?? {}])

// A tokenizer with its limit of tokens, special ones included. state: the content of tokenizer.json.
export class Reader {
  constructor(tokenizer, state, maxLength) {
    this.tokenizer = tokenizer
    this.maxLength = maxLength
    const normalizers = flat(state.normalizer)
    this.lowercases = normalizers.some(({ type, lowercase }) => type === "Lowercase" || lowercase)
    this.spacesHan = normalizers.some((each) => each.handle_chinese_chars)
  }

  // {ids, types, total, unknown, words}. total: of tokens before the cut. words: tokens that are not special.
  read(text, second = null) {
    const parts = [text, second].filter((each) => each !== null).map((each) => this.#plain(each))
    const frame = this.#frame(parts.length === 2)
    const room = Math.max(0, this.maxLength - frame.special)
    const [first, other = 0] = kept(parts[0].length, parts[1]?.length ?? 0, room)
    const cut = [parts[0].slice(0, first), parts[1]?.slice(0, other)]
    const ids = []
    const types = []
    for (const each of frame.tokens) {
      const given = each.part === null ? [each.id] : cut[each.part]
      ids.push(...given)
      types.push(...given.map(() => each.type))
    }
    const words = cut.flatMap((each) => each ?? [])
    const unknown = words.filter((id) => id === this.tokenizer.model.unk_token_id).length
    const total = frame.special + parts.reduce((sum, part) => sum + part.length, 0)
    return { ids, types, total, unknown, words: words.length }
  }

  #plain(text) {
    return this.tokenizer.encode(this.#prepared(text), { add_special_tokens: false }).ids
  }

  // What tokenizers.js does in another way than Python: a final sigma, and the rare Han characters beyond 16 bits.
  #prepared(text) {
    const lower = this.lowercases ? text.replaceAll("Σ", "σ") : text
    return this.spacesHan ? lower.replace(FAR_HAN, " $& ") : lower
  }

  // Where the special tokens stand: the post-processor gets one mark for each text. A mark is no token of any text.
  #frame(pair) {
    const marks = ["\u0000first", "\u0000second"].slice(0, pair ? 2 : 1)
    const process = this.tokenizer.post_processor
    const made = process ? process([marks[0]], pair ? [marks[1]] : null, true) : { tokens: marks }
    const tokens = made.tokens.map((token, i) => {
      const part = marks.indexOf(token)
      const type = made.token_type_ids?.[i] ?? 0
      return part < 0 ? { part: null, type, id: this.tokenizer.token_to_id(token) } : { part, type }
    })
    return { tokens, special: tokens.filter((each) => each.part === null).length }
  }
}
