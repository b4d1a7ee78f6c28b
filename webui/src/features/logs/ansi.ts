import Anser from 'anser'

/** A piece of a line in one look; a text, never a markup. */
export interface Span {
  text: string
  className?: string
  color?: string
  background?: string
}

/** Longer lines are shown up to here; the rest is a click away. */
export const kShownChars = 4000

const kEscape = '\u001b'
// Titles and links that terminals understand, and their kin: everything up to the bell or the string's end.
const kStrings = new RegExp(`${kEscape}[\\]PX^_][^\\u0007\\u001b]*(?:\\u0007|${kEscape}\\\\)?`, 'g')
// Control sequences but those that set colours: cursors and erasing have no place in a list of lines.
const kControls = new RegExp(`${kEscape}\\[[0-?]*[ -/]*[@-ln-~]`, 'g')
const kOtherEscapes = new RegExp(`${kEscape}(?!\\[[0-9;:]*m)(?:[ -/]*[0-~])?`, 'g')
const kUnseen = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g

/** What is left of a line after its carriage returns: programs draw progress over what they drew before. */
function afterReturns(text: string): string {
  if (!text.includes('\r')) return text
  const parts = text.split('\r')
  for (let i = parts.length - 1; i >= 0; --i) if (parts[i] !== '') return parts[i]!
  return ''
}

/** Backspaces take back what stands before them. */
function afterBackspaces(text: string): string {
  if (!text.includes('\b')) return text
  const kept: string[] = []
  for (const char of text) {
    if (char === '\b') kept.pop()
    else kept.push(char)
  }
  return kept.join('')
}

/** The line with nothing in it but text, tabs and colours; other control characters are written as keys, such as ^G. */
export function cleaned(text: string): string {
  // What is never shown need not be cleaned; progress bars are long before their last part.
  const last = afterReturns(text)
  const part = last.length > kShownChars * 4 ? last.slice(0, kShownChars * 4) : last
  if (!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(part)) return part
  return afterBackspaces(part)
    .replace(kStrings, '')
    .replace(kControls, '')
    .replace(kOtherEscapes, '')
    .replace(kUnseen, (char) => `^${String.fromCharCode(char.charCodeAt(0) ^ 0x40)}`)
}

function colourOf(name: string, truecolor: string): { className?: string; value?: string } {
  if (name === '') return {}
  if (name === 'ansi-truecolor') return /^\d{1,3}, ?\d{1,3}, ?\d{1,3}$/.test(truecolor) ? { value: `rgb(${truecolor})` } : {}
  const palette = /^ansi-palette-(\d{1,3})$/.exec(name)
  if (palette) return { value: paletteColour(Number(palette[1])) }
  return /^ansi-[a-z-]+$/.test(name) ? { className: name } : {}
}

/** Of the 256 colours those after the first 16: a cube, then greys. */
export function paletteColour(index: number): string {
  if (index >= 232) {
    const grey = 8 + (Math.min(index, 255) - 232) * 10
    return `rgb(${grey}, ${grey}, ${grey})`
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40)
  const cube = Math.max(0, index - 16)
  return `rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`
}

/** The line in pieces of one look each, cut to what is shown. */
export function spansOf(text: string): Span[] {
  const line = cleaned(text)
  if (!line.includes(kEscape)) return line === '' ? [] : [{ text: line.slice(0, kShownChars) }]
  const spans: Span[] = []
  let left = kShownChars
  for (const entry of Anser.ansiToJson(line, { json: true, use_classes: true, remove_empty: true })) {
    if (left <= 0) break
    const content = entry.content.slice(0, left)
    left -= content.length
    const foreground = colourOf(entry.fg ?? '', entry.fg_truecolor ?? '')
    const background = colourOf(entry.bg ?? '', entry.bg_truecolor ?? '')
    const classes = [
      foreground.className && `${foreground.className}-fg`,
      background.className && `${background.className}-bg`,
      ...entry.decorations.map((decoration) => `ansi-${decoration}`),
    ].filter(Boolean)
    spans.push({
      text: content,
      ...(classes.length > 0 ? { className: classes.join(' ') } : {}),
      ...(foreground.value ? { color: foreground.value } : {}),
      ...(background.value ? { background: background.value } : {}),
    })
  }
  return spans
}

/** The line as it is copied: no colours, no control characters. */
export function plainText(text: string): string {
  return cleaned(text).replace(new RegExp(`${kEscape}\\[[0-9;:]*m`, 'g'), '')
}
