/** What takes two columns of a terminal: letters of East Asia, and pictures. */
const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

/** Columns of a terminal that a text takes, or one more for each mark that is combined with a letter: no line is ever too long. */
export const columnsOf = (text: string): number => [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0)

/** Spaces after a text, up to so many columns. */
export const padded = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - columnsOf(text)))

/** A text as lines of at most so many columns, broken between words, and inside those that are too long. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((one) => pieces(one, columns))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (columnsOf(longer) <= columns) {
      line = longer
    } else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

function pieces(word: string, columns: number): readonly string[] {
  if (columnsOf(word) <= columns) return [word]
  const found = ['']
  let taken = 0
  for (const character of word) {
    const size = columnsOf(character)
    if (taken + size > columns) {
      found.push('')
      taken = 0
    }
    found[found.length - 1] += character
    taken += size
  }
  return found
}
