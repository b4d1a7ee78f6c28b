import { Document, isAlias, isMap, isNode, isScalar, parseDocument, visit, type Pair } from 'yaml'
import { editText, setIn, writeText } from '@/lib/document-text'
import { sameField } from '@/lib/project-document'
import type { ProjectFull } from '@/api/projects'

/** The two texts that make a form. */
export interface FormTexts {
  form: string
  template: string
}

function pairOf(doc: Document, name: string): Pair | undefined {
  return isMap(doc.contents) ? doc.contents.items.find((pair) => isScalar(pair.key) && sameField(String(pair.key.value), name)) : undefined
}

/** The fields as their owner wrote them, comments too; nothing where they cannot be cut out of the project's text. */
export function writtenForm(text: string): string | null {
  const doc = parseDocument(text)
  const node = doc.errors.length > 0 ? undefined : pairOf(doc, 'form')?.value
  if (!isNode(node)) return null
  let hasAlias = isAlias(node)
  visit(node, { Alias: () => ((hasAlias = true), visit.BREAK) })
  if (hasAlias) return null
  const alone = new Document()
  alone.contents = node as never
  return alone.toString({ lineWidth: 0, indentSeq: false, flowCollectionPadding: false })
}

/** The texts to edit. `plain` are the fields as the server writes them. */
export function textsOf(project: Pick<ProjectFull, 'text'>, plain: FormTexts): FormTexts {
  return { form: plain.form === '' ? '' : ((project.text === null ? null : writtenForm(project.text)) ?? plain.form), template: plain.template }
}

/** The project's text with another form; everything else in it stays, comments too. An empty text takes its part out. */
export function withForm(project: Pick<ProjectFull, 'text' | 'document'>, texts: FormTexts): string {
  return editText(project.text ?? writeText(project.document), (doc) => {
    const form = parseDocument(texts.form)
    if (form.contents === null || texts.form.trim() === '') {
      setIn(doc, ['form'], undefined)
    } else {
      if (!pairOf(doc, 'form')) setIn(doc, ['form'], [])
      const pair = pairOf(doc, 'form')
      if (pair) pair.value = form.contents
      // What stands above the first field or below the last is the text's, not a field's.
      const node = form.contents as { commentBefore?: string | null; comment?: string | null }
      if (form.commentBefore) node.commentBefore = [form.commentBefore, node.commentBefore].filter(Boolean).join('\n')
      if (form.comment) node.comment = [node.comment, form.comment].filter(Boolean).join('\n')
    }
    if (texts.template.trim() === '') {
      setIn(doc, ['form_template'], undefined)
      return
    }
    setIn(doc, ['form_template'], texts.template)
    const template = pairOf(doc, 'form_template')?.value
    if (isScalar(template)) template.type = 'BLOCK_LITERAL'
  })
}

/** A form to begin with, which runs everywhere and shows what fields and a template are. */
export const kExample: FormTexts = {
  form: `# What people fill in. Types: int, int8 … uint16, float, double, string, boolean, select,
# byte (an uploaded file), list, group.
- {name: epochs, label: Epochs, type: int16, value: 5, width: 50}
- {name: optimizer, label: Optimizer, type: select, value: adam, options: [sgd, adam], width: 50}
- label: Augmentation
  type: group
  elements:
  - {name: flip, label: Flip pictures, type: boolean, value: true, width: 50}
  - {name: scales, label: Scales, type: list, list_type: float, value: [0.5, 1, 2], width: 50}
- {name: note, label: Note, type: string, help: A word for yourself.}
`,
  template: `# The task that the values make: values stand by their names in double braces, and
# shellQuote makes one word of a command of any value.
name: form
resources:
- name: worker
  command: >-
    echo training for {{ .epochs }} epochs with {{ .optimizer }} at {{ join "," .scales }}
    {{- if .flip }} --flip{{ end }} --note {{ shellQuote .note }}
`,
}
