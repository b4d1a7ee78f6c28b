import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { dataOf, draw, resize, shapeOf } from './drawing'
import { inSomeFrame } from './frames'
import { lookOfLine } from './looks'
import classes from './metrics.module.css'
import { amountText, extentOf, nearest, pointText, type Line, type Plot } from './plots'
import type { Pointer } from './pointer'

interface Props {
  plot: Plot
  /** Between 0, which is not at all, and 0.99. */
  smooth: number
  pointer: Pointer
}

/** Where a line has no value so near to the pointer, it says nothing: how near, in parts of what the chart shows. */
const kReach = 0.02

/** One metric: its curves, what they are called, their values at the pointer, and the same as a table. */
export function Chart({ plot, smooth, pointer }: Props) {
  const scheme = useComputedColorScheme('light')
  const id = useId()
  const figure = useRef<HTMLElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const mark = useRef<HTMLElement | null>(null)
  const where = useRef<HTMLSpanElement>(null)
  const spoken = useRef<HTMLSpanElement>(null)
  const values = useRef<(HTMLSpanElement | null)[]>([])
  const drawing = useRef<uPlot | null>(null)
  const drawnShape = useRef('')
  const domain = useRef(plot.domain)
  const [seen, setSeen] = useState(false)
  const extents = useMemo(() => plot.lines.map(extentOf), [plot])
  // Charts that nobody sees are not drawn.
  useEffect(() => {
    const watched = figure.current
    if (!watched) return
    const observer = new IntersectionObserver((entries) => setSeen(entries.some((entry) => entry.isIntersecting)), { rootMargin: '200px' })
    observer.observe(watched)
    return () => observer.disconnect()
  }, [])

  useEffect(() => {
    if (!seen) return
    return inSomeFrame(() => {
      if (!box.current) return
      domain.current = plot.domain
      const shape = `${scheme} ${shapeOf(plot, smooth)}`
      if (drawing.current && drawnShape.current === shape) {
        drawing.current.setData(dataOf(plot, smooth))
        return
      }
      drawing.current?.destroy()
      drawing.current = draw(plot, smooth, box.current, () => domain.current)
      drawnShape.current = shape
      mark.current = document.createElement('div')
      mark.current.className = classes.mark!
      drawing.current.over.append(mark.current)
    })
  }, [seen, plot, smooth, scheme])

  useEffect(() => {
    const sized = box.current
    if (!sized) return
    const observer = new ResizeObserver(() => drawing.current && resize(drawing.current, sized.clientWidth))
    observer.observe(sized)
    return () => {
      observer.disconnect()
      drawing.current?.destroy()
      drawing.current = null
      drawnShape.current = ''
    }
  }, [])

  // What the pointer is at is written straight into the page: rendering it would be late.
  useEffect(() => {
    const show = (at: Pointer['at']) => {
      const x = at?.axis === plot.axis ? at.x : null
      const scale = drawing.current?.scales.x
      const reach = scale?.min !== undefined && scale.max !== undefined ? (scale.max - scale.min) * kReach : 0
      if (where.current) where.current.textContent = x === null ? '' : pointText(plot.axis, x)
      plot.lines.forEach((line, index) => {
        const cell = values.current[index]
        if (!cell) return
        cell.textContent = x === null ? (extents[index] ? amountText(extents[index].last, plot.unit) : '') : valueAt(line, x, plot, reach)
      })
      if (!mark.current) return
      const left = x === null || !drawing.current ? Number.NaN : drawing.current.valToPos(x, 'x')
      const inside = left >= 0 && left <= (drawing.current?.over.clientWidth ?? 0)
      mark.current.style.display = inside ? 'block' : 'none'
      if (inside) mark.current.style.transform = `translateX(${Math.round(left)}px)`
    }
    show(pointer.at)
    return pointer.listen(show)
  }, [plot, pointer, extents])

  const point = (clientX: number) => {
    const shown = drawing.current
    if (!shown) return
    const place = clientX - shown.over.getBoundingClientRect().left
    if (place < 0 || place > shown.over.clientWidth) return pointer.move(null)
    pointer.move({ axis: plot.axis, x: shown.posToVal(place, 'x') })
  }

  const step = (event: KeyboardEvent) => {
    const xs = drawing.current?.data[0]
    if (!xs || xs.length === 0) return
    const now = pointer.at?.axis === plot.axis ? nearest(xs as number[], [], pointer.at.x) : -1
    const far = event.shiftKey ? Math.max(1, Math.round(xs.length / 20)) : 1
    const next = { ArrowRight: now + far, ArrowLeft: now < 0 ? xs.length - 1 : now - far, Home: 0, End: xs.length - 1 }[event.key]
    if (event.key === 'Escape') pointer.move(null)
    if (next === undefined) return
    event.preventDefault()
    const x = xs[Math.min(Math.max(next, 0), xs.length - 1)]!
    pointer.move({ axis: plot.axis, x })
    if (spoken.current) spoken.current.textContent = `${pointText(plot.axis, x)}: ${plot.lines.map((line) => `${line.label} ${valueAt(line, x, plot, 0) || 'nothing'}`).join(', ')}`
  }

  return (
    <figure ref={figure} className={classes.chart} aria-labelledby={id}>
      <figcaption className={classes.caption}>
        <span id={id} className={`${classes.name} clip`} title={plot.title}>
          {plot.title}
        </span>
        {plot.unit && <span className="dim">{plot.unit}</span>}
        <span ref={where} className={`${classes.where} dim`} />
      </figcaption>
      {/* Not a picture alone: the arrow keys move the pointer. */}
      <div
        ref={box}
        className={classes.box}
        tabIndex={0}
        role="group"
        aria-label={`${plot.title}, chart of ${plot.lines.length}. The arrow keys move the pointer.`}
        onPointerMove={(event) => point(event.clientX)}
        onPointerDown={(event) => point(event.clientX)}
        onPointerLeave={() => pointer.move(null)}
        onBlur={() => pointer.move(null)}
        onKeyDown={step}
      />
      <span ref={spoken} className="visually-hidden" role="status" />
      <ul className={classes.legend} aria-label={`Curves of ${plot.title}`}>
        {plot.lines.map((line, index) => (
          <li key={line.label}>
            <Swatch look={line.look} />
            <span className="clip" title={line.label}>
              {line.label}
            </span>
            <span className={classes.value} ref={(cell) => void (values.current[index] = cell)} />
          </li>
        ))}
      </ul>
      <details className={classes.words}>
        <summary>As a table</summary>
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={`${plot.title}, table`}>
          <table>
            <thead>
              <tr>
                <th>Of</th>
                <th>Min</th>
                <th>Mean</th>
                <th>Max</th>
                <th>Last</th>
              </tr>
            </thead>
            <tbody>
              {plot.lines.map((line, index) => (
                <tr key={line.label}>
                  <th scope="row" className="clip" title={line.label}>
                    {line.label}
                  </th>
                  {(['min', 'mean', 'max', 'last'] as const).map((key) => (
                    <td key={key}>{extents[index] ? amountText(extents[index][key], plot.unit) : '–'}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}

function valueAt(line: Line, x: number, plot: Plot, reach: number): string {
  const place = nearest(line.xs, line.mean, x, reach)
  return place < 0 ? '–' : amountText(line.mean[place]!, plot.unit)
}

/** How a curve looks, beside its name: colours alone tell nothing to who does not see them. */
function Swatch({ look }: { look: number }) {
  const { colour, dash } = lookOfLine(look)
  return (
    <svg width="26" height="8" aria-hidden="true" className={classes.swatch}>
      <line x1="0" x2="26" y1="4" y2="4" stroke={`var(${colour})`} strokeWidth="2" strokeDasharray={dash.join(' ')} />
    </svg>
  )
}
