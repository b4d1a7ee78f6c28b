import { Button, Select } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { messageOf } from '@/api/error'
import { devicesQuery, poolsQuery, readClusterAgain, type Device, type Pool } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { given } from '@/lib/search-params'
import { EmptyState } from '@/ui/empty-state'
import { Page } from '@/ui/page'
import { Loaded } from '@/ui/panel'
import { Split } from '@/ui/side-pane'
import { sayDone } from '@/ui/toast'
import { moveAhead, moveDevices } from './api'
import { devicesIn, keyOf, lawOf, moved, refusal, type Board } from './board'
import { NewPool } from './new-pool'
import { PoolCard } from './pool-card'
import { PoolPane } from './pool-pane'
import classes from './pools-page.module.css'

const route = getRouteApi('/shell/operator/pools')
const kMostParts = 8
const kNothing: ReadonlySet<string> = new Set()

/** The pools as a board: every GPU lies in one of them, and can be carried to another. */
export function PoolsPage() {
  const pools = useQuery(poolsQuery)
  const devices = useQuery(devicesQuery)
  const [making, setMaking] = useState(false)
  const both = {
    data: pools.data && devices.data ? { pools: pools.data, devices: devices.data } : undefined,
    error: pools.error ?? devices.error,
    refetch: () => Promise.all([pools.refetch(), devices.refetch()]),
  }
  return (
    <Page
      title="Pools"
      filled
      actions={
        <Button variant="filled" onClick={() => setMaking(true)}>
          New pool
        </Button>
      }
    >
      <Loaded query={both} what="The pools could not be read">
        {(board) => <BoardView board={board} making={making} onMaking={setMaking} />}
      </Loaded>
    </Page>
  )
}

function BoardView({ board, making, onMaking }: { board: Board; making: boolean; onMaking: (making: boolean) => void }) {
  const client = useQueryClient()
  const { pool: shown } = route.useSearch()
  const navigate = route.useNavigate()
  const [selected, setSelected] = useState(kNothing)
  const [dragged, setDragged] = useState<ReadonlySet<string> | null>(null)
  const [refused, setRefused] = useState<{ pool: string; text: string } | null>(null)
  const [said, setSaid] = useState('')
  const last = useRef<string | null>(null)
  const show = (pool: string | undefined) => void navigate({ search: given({ pool }) })
  const chosen = board.devices.filter((device) => selected.has(keyOf(device)))

  const select = (pool: Pool, device: Device, extend: boolean) => {
    const key = keyOf(device)
    const inside = devicesIn(board, pool).map(keyOf)
    const next = new Set(selected)
    const from = last.current === null ? -1 : inside.indexOf(last.current)
    if (extend && from >= 0) {
      const to = inside.indexOf(key)
      for (const each of inside.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(each)
    } else if (!next.delete(key)) {
      next.add(key)
    }
    last.current = key
    setSelected(next)
  }

  const move = async (from: Board, keys: ReadonlySet<string>, target: Pool, isUndo = false) => {
    const why = refusal(from, keys, target)
    setRefused(why === null ? null : { pool: target.id, text: why })
    if (why !== null) return
    const moving = from.devices.filter((device) => keys.has(keyOf(device)) && device.pool !== target.name)
    const sources = [...new Set(moving.map((device) => device.pool))]
    const back = await moveAhead(client, from, keys, target)
    const text = `${moving.length === 1 ? moving[0]!.name : counted(moving.length, 'GPU')} moved to ${target.name}.`
    try {
      await moveDevices(from, keys, target)
      setSelected(kNothing)
      setSaid(text)
      // What came from several pools has no single way back.
      const home = from.pools.find((pool) => pool.name === sources[0])
      const undo = !isUndo && sources.length === 1 && home ? () => void move(moved(from, keys, target), new Set(moving.map(keyOf)), home, true) : undefined
      sayDone(text, undo)
    } catch (error) {
      back()
      setRefused({ pool: target.id, text: messageOf(error) })
    }
    await readClusterAgain(client)
  }

  const law = lawOf(board)
  const rest = law.parts.slice(kMostParts)
  return (
    <>
      <div className={classes.law}>
        <span>
          {law.parts.slice(0, kMostParts).map((part, index) => (
            <span key={part.pool}>
              {index > 0 && ' + '}
              <bdi className={classes.part} title={part.pool}>
                {part.pool}
              </bdi>{' '}
              {part.total}
            </span>
          ))}
          {rest.length > 0 && ` + ${counted(rest.length, 'other pool')} ${rest.reduce((all, part) => all + part.total, 0)}`} = <strong>{law.sum}</strong>{' '}
          {law.holds ? (
            <span>
              of {counted(law.devices, 'GPU')}, all that the machines have <span className="tone-good" aria-hidden="true">✓</span>
            </span>
          ) : (
            <span className="dim">of {counted(law.devices, 'GPU')}; the numbers are of different moments and are being read again</span>
          )}
        </span>
        <details>
          <summary className="dim">The rules</summary>
          <ul>
            <li>Every GPU is in exactly one pool; the Default Pool has what no other pool has.</li>
            <li>A pool that you make has GPUs of one model. The Default Pool may be mixed.</li>
            <li>A GPU in use cannot move until it is released.</li>
            <li>A pool has at most one group, and a group exactly one pool.</li>
            <li>Unhealthy GPUs are counted in their pool, and given to no job.</li>
          </ul>
        </details>
        <span className="dim">Drag GPUs, or choose some (arrows, space) and move them below.</span>
      </div>
      <div className="visually-hidden" role="status">
        {said}
      </div>
      <Split
        pane={
          shown !== undefined && (
            <PoolPane key={shown} pool={shown} onClose={() => show(undefined)} onRenamed={(name) => show(name)} />
          )
        }
      >
        {board.devices.length === 0 && board.pools.length <= 1 ? (
          <EmptyState title="No GPU is known" command="pintle doctor" action={<Button component={Link} to="/operator/settings">What the server found</Button>}>
            A pool is a set of GPUs that a group has. This server has found none; its doctor says where it looked, and GPUs may be declared in its configuration file under node.gpus.
          </EmptyState>
        ) : (
          <div className={classes.board}>
            {board.pools.map((pool) => (
              <PoolCard
                key={pool.id}
                pool={pool}
                devices={devicesIn(board, pool)}
                selected={selected}
                shown={shown === pool.name || shown === pool.id}
                refusal={dragged === null ? undefined : refusal(board, dragged, pool)}
                said={refused?.pool === pool.id ? refused.text : null}
                onSelect={([device], extend) => device && select(pool, device, extend)}
                onShow={() => show(pool.name)}
                onDragStart={(device) => setDragged(selected.has(keyOf(device)) ? selected : new Set([keyOf(device)]))}
                onDragEnd={() => setDragged(null)}
                onDrop={() => {
                  if (dragged) void move(board, dragged, pool)
                  setDragged(null)
                }}
              />
            ))}
          </div>
        )}
        {chosen.length > 0 && (
          <MoveBar board={board} chosen={chosen} selected={selected} onMove={(target) => void move(board, selected, target)} onNew={() => onMaking(true)} onClear={() => setSelected(kNothing)} />
        )}
      </Split>
      <NewPool opened={making} board={board} chosen={chosen} onClose={() => onMaking(false)} onMade={() => setSelected(kNothing)} />
    </>
  )
}

interface MoveBarProps {
  board: Board
  chosen: Device[]
  selected: ReadonlySet<string>
  onMove: (target: Pool) => void
  onNew: () => void
  onClear: () => void
}

/** What is chosen, and where it may go; a pool that would refuse says why before it is asked. */
function MoveBar({ board, chosen, selected, onMove, onNew, onClear }: MoveBarProps) {
  const [target, setTarget] = useState<string | null>(null)
  const pool = board.pools.find((each) => each.id === target)
  const why = pool ? refusal(board, selected, pool) : null
  return (
    <div className={classes.bar} role="region" aria-label="Chosen GPUs">
      <strong>{counted(chosen.length, 'GPU')} chosen</strong>
      <Select
        aria-label="Move to"
        placeholder="Move to…"
        w={220}
        searchable
        data={board.pools.map((each) => ({ value: each.id, label: each.name }))}
        value={target}
        onChange={setTarget}
      />
      <Button variant="filled" disabled={!pool || why !== null} onClick={() => pool && onMove(pool)}>
        Move
      </Button>
      <Button onClick={onNew}>New pool of these</Button>
      <Button onClick={onClear}>Clear</Button>
      {why !== null && (
        <span className="wrap" role="status">
          <span className="tone-bad" aria-hidden="true">
            ✕
          </span>{' '}
          {why}
        </span>
      )}
    </div>
  )
}
