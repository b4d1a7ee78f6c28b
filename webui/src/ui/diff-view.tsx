import { yaml } from '@codemirror/lang-yaml'
import { MergeView } from '@codemirror/merge'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { codeTheme } from './code-theme'

export interface DiffViewProps {
  before: string
  after: string
  beforeLabel: string
  afterLabel: string
}

function sideOf(doc: string, label: string) {
  return {
    doc,
    extensions: [
      lineNumbers(),
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.lineWrapping,
      // Not editable, but long texts must be reachable by keyboard.
      EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
      yaml(),
      codeTheme,
    ],
  }
}

/** Two texts beside each other, unchanged parts folded away. */
export default function DiffView({ before, after, beforeLabel, afterLabel }: DiffViewProps) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!host.current) return
    const merge = new MergeView({
      parent: host.current,
      a: sideOf(before, beforeLabel),
      b: sideOf(after, afterLabel),
      collapseUnchanged: { margin: 3, minSize: 6 },
    })
    return () => merge.destroy()
  }, [before, after, beforeLabel, afterLabel])
  return (
    <div>
      <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 8, padding: '4px 0' }}>
        <span className="dim">{beforeLabel}</span>
        <span className="dim">{afterLabel}</span>
      </div>
      <div ref={host} style={{ border: '1px solid var(--line)', borderRadius: 4, maxHeight: '60vh', overflow: 'auto' }} />
    </div>
  )
}
