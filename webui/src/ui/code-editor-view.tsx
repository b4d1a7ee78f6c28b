import { autocompletion, closeBrackets, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { markdown } from '@codemirror/lang-markdown'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, indentOnInput } from '@codemirror/language'
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { codeTheme } from './code-theme'

/** A fault at a place; lines and columns count from 1. */
export interface CodeFault {
  line: number
  column: number
  message: string
  warning?: boolean
}

export interface Completion {
  label: string
  detail?: string
  info?: string
  /** What is put in; the label unless given. */
  apply?: string
}

export interface CodeEditorProps {
  value: string
  onChange?: (value: string) => void
  language: 'yaml' | 'markdown' | 'json' | 'text'
  label: string
  readOnly?: boolean
  faults?: readonly CodeFault[]
  /** What may stand at a place: the text before the cursor, and where the word begins there. */
  complete?: (before: string) => { from: number; options: Completion[] } | null
  onSave?: () => void
  /** A line to bring into sight; a new object does it again. */
  reveal?: { line: number } | null
}

const kNoFaults: readonly CodeFault[] = []

const kLanguages: Record<CodeEditorProps['language'], () => Extension> = {
  yaml: () => yaml(),
  markdown: () => markdown(),
  json: () => json(),
  text: () => [],
}

function diagnosticsOf(state: EditorState, faults: readonly CodeFault[]): Diagnostic[] {
  return faults.map((fault) => {
    const line = state.doc.line(Math.max(1, Math.min(fault.line, state.doc.lines)))
    const from = Math.min(line.from + Math.max(0, fault.column - 1), line.to)
    return { from, to: line.to > from ? line.to : from, message: fault.message, severity: fault.warning ? 'warning' : 'error' }
  })
}

/** What differs between two texts as one change, so that the cursor, the folds and what is in sight stay. */
function changeBetween(before: string, after: string) {
  const most = Math.min(before.length, after.length)
  let from = 0
  while (from < most && before.charCodeAt(from) === after.charCodeAt(from)) ++from
  let tail = 0
  while (tail < most - from && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) ++tail
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) }
}

/** CodeMirror as a part of a form: the value goes in and comes out, undo and the cursor stay. */
export default function CodeEditorView(props: CodeEditorProps) {
  const { value, language, label, readOnly = false, faults = kNoFaults, reveal = null } = props
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef(props)
  const writable = useRef(new Compartment())
  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    if (!host.current) return
    const complete = (context: CompletionContext): CompletionResult | null => {
      const found = latest.current.complete?.(context.state.sliceDoc(0, context.pos))
      return found ? { from: found.from, options: found.options } : null
    }
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          search({ top: true }),
          autocompletion({ override: [complete] }),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          kLanguages[language](),
          codeTheme,
          writable.current.of([]),
          keymap.of([
            { key: 'Mod-s', run: () => (latest.current.onSave?.(), true) },
            // Tab leaves the editor as it leaves any field, so that the keyboard is never caught; Ctrl-] indents.
            { key: 'Mod-]', run: indentMore },
            { key: 'Mod-[', run: indentLess },
            ...searchKeymap,
            ...historyKeymap,
            ...defaultKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return
            const text = update.state.doc.toString()
            // What came in by the value is no news.
            if (text !== latest.current.value) latest.current.onChange?.(text)
          }),
        ],
      }),
    })
    view.current = editor
    return () => {
      view.current = null
      editor.destroy()
    }
  }, [language, label])

  useEffect(() => {
    view.current?.dispatch({ effects: writable.current.reconfigure([EditorState.readOnly.of(readOnly), EditorView.editable.of(!readOnly)]) })
  }, [readOnly, language, label])

  useEffect(() => {
    const editor = view.current
    const before = editor?.state.doc.toString()
    if (!editor || before === undefined || before === value) return
    editor.dispatch({ changes: changeBetween(before, value) })
  }, [value])

  useEffect(() => {
    const editor = view.current
    if (!editor || !reveal) return
    const line = editor.state.doc.line(Math.max(1, Math.min(reveal.line, editor.state.doc.lines)))
    const show = () => editor.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: 'start', yMargin: 24 }) })
    show()
    // Lines out of sight have guessed heights; once those above are measured, the place is known.
    let frame = requestAnimationFrame(() => {
      show()
      frame = requestAnimationFrame(show)
    })
    return () => cancelAnimationFrame(frame)
  }, [reveal])

  useEffect(() => {
    const editor = view.current
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, faults)))
  }, [faults])

  return <div ref={host} style={{ height: '100%', minHeight: 0, overflow: 'hidden', border: '1px solid var(--line)', borderRadius: 4 }} />
}
