import { lazy, Suspense } from 'react'
import { Loading } from './panel'

const Rendered = lazy(() => import('./markdown-rendered'))

/** Markdown as people wrote it, never as a program: HTML in it is shown as text, and nothing is loaded from elsewhere. */
export function Markdown({ children }: { children: string }) {
  return (
    <Suspense fallback={<Loading rows={4} />}>
      <Rendered text={children} />
    </Suspense>
  )
}
