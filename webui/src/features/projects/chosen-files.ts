import { parseText, setField } from '@/lib/document-text'
import { fieldsOf, readProject, sameField } from '@/lib/project-document'

export interface ChosenFile {
  name: string
  text: string
}

/** The document among chosen files: the one that is YAML or JSON by its name, else the only one. */
export function documentOf(files: readonly ChosenFile[]): ChosenFile | null {
  return files.find((file) => /(^|\/)pintle\.ya?ml$/i.test(file.name)) ?? files.find((file) => /\.(ya?ml|json)$/i.test(file.name)) ?? (files.length === 1 ? (files[0] ?? null) : null)
}

function baseName(path: string): string {
  return path.split('/').at(-1) ?? path
}

/**
 * The document with the text of its `summary_file` in place, if that file was chosen with it. The server cannot read
 * files beside the document; without that file the field goes.
 */
export function withSummary(text: string, files: readonly ChosenFile[]): { text: string; missing: string | null } {
  const { value } = parseText(text)
  const key = Object.keys(fieldsOf(value)).find((name) => sameField(name, 'summary_file'))
  const path = key === undefined ? undefined : fieldsOf(value)[key]
  if (typeof path !== 'string') return { text, missing: null }
  const file = files.find((each) => each.name === path) ?? files.find((each) => baseName(each.name) === baseName(path))
  const without = setField(text, ['summary_file'], undefined)
  if (!file) return { text: without, missing: path }
  return { text: setField(without, ['summary'], file.text), missing: null }
}

/** Folders that have to be uploaded by hand once the project is there. */
export function uploadsOf(text: string): { source: string; folder: string }[] {
  const { value } = parseText(text)
  return readProject(value)
    .sources.filter((source) => source.upload !== '')
    .map((source) => ({ source: source.name, folder: source.upload }))
}
