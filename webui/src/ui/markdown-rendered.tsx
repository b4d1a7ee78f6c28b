import ReactMarkdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import classes from './markdown.module.css'

const components: Components = {
  // A picture from elsewhere would tell that server who reads this; the page's policy would not load it either.
  img: ({ src, alt }) =>
    typeof src === 'string' && src.startsWith('/api/') ? <img src={src} alt={alt ?? ''} /> : <span className="dim">[{alt || 'picture'}: {typeof src === 'string' ? src : ''}]</span>,
  a: ({ href, children }) => (
    <a href={href} rel="noreferrer noopener" target="_blank">
      {children}
    </a>
  ),
  // The page has its own first heading.
  h1: ({ children }) => <h2>{children}</h2>,
  h2: ({ children }) => <h3>{children}</h3>,
  h3: ({ children }) => <h4>{children}</h4>,
}

/** Links of other kinds than http, https and mailto are dropped by react-markdown itself. */
export default function RenderedMarkdown({ text }: { text: string }) {
  return (
    <div className={classes.markdown}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} components={components}>
        {text}
      </ReactMarkdown>
    </div>
  )
}
