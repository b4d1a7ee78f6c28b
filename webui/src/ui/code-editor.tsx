import { lazy, Suspense } from 'react'
import type { CodeEditorProps } from './code-editor-view'
import type { DiffViewProps } from './diff-view'
import { Loading } from './panel'

const View = lazy(() => import('./code-editor-view'))
const Diff = lazy(() => import('./diff-view'))

export type { CodeFault, Completion } from './code-editor-view'

/** An editor with line numbers; its code is loaded when the first one is shown. */
export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Loading rows={8} />}>
      <View {...props} />
    </Suspense>
  )
}

/** Two texts side by side, with what differs marked. */
export function DiffView(props: DiffViewProps) {
  return (
    <Suspense fallback={<Loading rows={8} />}>
      <Diff {...props} />
    </Suspense>
  )
}
