import { Link } from '@tanstack/react-router'
import { useState, type KeyboardEvent, type MouseEvent } from 'react'
import type { Device, Pool } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { Meter } from '@/ui/meter'
import { byNode, keyOf } from './board'
import classes from './pools-page.module.css'

interface Props {
  pool: Pool
  devices: Device[]
  selected: ReadonlySet<string>
  shown: boolean
  /** While GPUs are dragged: why they cannot come here, null when they can; undefined when nothing is dragged. */
  refusal: string | null | undefined
  /** Why the last try was refused. */
  said: string | null
  onSelect: (devices: Device[], extend: boolean) => void
  onShow: () => void
  onDragStart: (device: Device) => void
  onDragEnd: () => void
  onDrop: () => void
}

/** A pool with its GPUs. Whatever is dragged here or chosen to come here has to obey the law. */
export function PoolCard({ pool, devices, selected, shown, refusal, said, onSelect, onShow, onDragStart, onDragEnd, onDrop }: Props) {
  const [isOver, setOver] = useState(false)
  const dragged = refusal !== undefined
  const groups = byNode(devices)
  return (
    <section
      className={classes.pool}
      aria-label={`Pool ${pool.name}`}
      data-pool={pool.name}
      {...(shown ? { 'data-shown': true } : {})}
      {...(dragged ? { 'data-may': refusal === null ? 'yes' : 'no' } : {})}
      {...(isOver && refusal === null ? { 'data-over': true } : {})}
      onDragOver={(event) => {
        // What would be refused may be let fall too: then the reason stays here.
        if (!dragged) return
        event.preventDefault()
        if (!isOver) setOver(true)
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        onDrop()
      }}
    >
      <div className={classes.poolHead}>
        <div className={classes.line}>
          <h2 className={`${classes.poolTitle} clip`} title={pool.name}>
            {pool.name}
          </h2>
          <span className="dim">{pool.model ?? 'any model'}</span>
          <button type="button" className={classes.details} onClick={onShow} aria-label={`Details of ${pool.name}`}>
            Details
          </button>
        </div>
        <Meter label={`GPUs of ${pool.name} in use`} used={pool.used} total={pool.total} broken={pool.unhealthy} />
        <div className={`${classes.line} dim`} style={{ flexWrap: 'wrap' }}>
          <span>{pool.free} free</span>
          {pool.unhealthy > 0 && (
            <span className="tone-bad">
              <span aria-hidden="true">✕</span> {pool.unhealthy} unhealthy
            </span>
          )}
          {pool.missing > 0 && (
            <span className="tone-bad">
              <span aria-hidden="true">✕</span> {pool.missing} missing
            </span>
          )}
          {pool.waiting_jobs > 0 && (
            <Link to="/operator/queue" search={{ pool: pool.name }}>
              {counted(pool.waiting_jobs, 'job')} waiting
            </Link>
          )}
          {pool.group ? (
            <Link to="/operator/groups" search={{ group: pool.group.name }} className="clip" title={`of the group ${pool.group.name}`}>
              {pool.group.name}
            </Link>
          ) : (
            <span>of no group</span>
          )}
        </div>
      </div>
      {isOver && dragged && refusal !== null && (
        <div className={`${classes.refusal} wrap`}>
          <span className="tone-bad" aria-hidden="true">
            ✕
          </span>{' '}
          {refusal}
        </div>
      )}
      {said !== null && (
        <div className={`${classes.refusal} wrap`} role="alert">
          <span className="tone-bad" aria-hidden="true">
            ✕
          </span>{' '}
          {said}
        </div>
      )}
      <div className={classes.devices}>
        {devices.length === 0 && <span className="dim">{pool.id === 'default' ? 'Every GPU is in another pool.' : 'No GPU yet: drag some here, or choose some and move them.'}</span>}
        {groups.map((group) => (
          <div key={group.node}>
            <div className={classes.node}>
              <Link to="/operator/nodes" search={{ node: group.node }} className="dim">
                {group.node}
              </Link>
            </div>
            <div className={classes.chips}>
              {group.devices.map((device) => (
                <Chip key={device.uuid} device={device} pressed={selected.has(keyOf(device))} onSelect={(extend) => onSelect([device], extend)} onDragStart={() => onDragStart(device)} onDragEnd={onDragEnd} />
              ))}
            </div>
          </div>
        ))}
      </div>
    </section>
  )
}

interface ChipProps {
  device: Device
  pressed: boolean
  onSelect: (extend: boolean) => void
  onDragStart: () => void
  onDragEnd: () => void
}

const kSteps: Record<string, 'next' | 'back'> = { ArrowRight: 'next', ArrowDown: 'next', j: 'next', ArrowLeft: 'back', ArrowUp: 'back', k: 'back' }

/** From GPU to GPU with the arrows, also into the next pool. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const step = kSteps[event.key]
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return
  const all = [...document.querySelectorAll<HTMLElement>('[data-chip]')]
  const next = all[all.indexOf(event.currentTarget) + (step === 'next' ? 1 : -1)]
  event.preventDefault()
  next?.focus()
}

function Chip({ device, pressed, onSelect, onDragStart, onDragEnd }: ChipProps) {
  const state = device.in_use ? `in use${device.job_name ? ` by ${device.job_name}` : ''}` : device.healthy ? 'free' : (device.fault ?? 'unhealthy')
  return (
    <div
      role="button"
      tabIndex={0}
      className={classes.chip}
      data-chip={keyOf(device)}
      {...(device.in_use ? { 'data-busy': true } : {})}
      aria-pressed={pressed}
      aria-label={`${device.name}, ${device.model}, ${state}`}
      title={`${device.name} · ${device.model} · ${state}`}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', device.name)
        onDragStart()
      }}
      onDragEnd={onDragEnd}
      onClick={(event: MouseEvent) => onSelect(event.shiftKey)}
      onKeyDown={(event) => {
        // No <button>: browsers do not agree that one can be dragged.
        if (event.key === ' ' || event.key === 'Enter') {
          event.preventDefault()
          onSelect(event.shiftKey)
        } else {
          walk(event)
        }
      }}
    >
      <span className={device.healthy ? (device.in_use ? 'tone-busy' : 'tone-good') : 'tone-bad'} aria-hidden="true">
        {device.healthy ? (device.in_use ? '●' : '○') : '✕'}
      </span>
      <span>{device.index}</span>
      <span className="dim clip">{device.in_use && device.job_name ? device.job_name : device.model}</span>
    </div>
  )
}
