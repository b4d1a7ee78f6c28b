import { Link } from '@tanstack/react-router'
import type { Pool, User } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { Meter } from '@/ui/meter'
import classes from './cluster-page.module.css'
import { usersOf, type Use } from './glance'

const kMostNames = 6

/** The pools, how full they are, and who uses them. */
export function PoolRows({ pools, users }: { pools: readonly Pool[]; users: readonly User[] }) {
  return (
    <ul className={classes.rows}>
      {pools.map((pool) => (
        <li key={pool.id} className={`${classes.row} ${classes.pool}`}>
          <Link to="/operator/pools" search={{ pool: pool.name }} className="clip" title={pool.name}>
            {pool.name}
          </Link>
          <span className="dim">{pool.model ?? 'mixed'}</span>
          <Meter label={`GPUs of ${pool.name} in use`} used={pool.used} total={pool.total} broken={pool.unhealthy} />
          <span style={{ minWidth: 0 }}>
            <Uses uses={usersOf(pool, pools, users)} />
            {pool.unhealthy > 0 && (
              <>
                {' '}
                <Link to="/operator/devices" search={{ pool: pool.name, state: 'unhealthy' }} className="tone-bad">
                  <span aria-hidden="true">✕</span> {pool.unhealthy} unhealthy
                </Link>
              </>
            )}
            {pool.waiting_jobs > 0 && (
              <>
                {' '}
                <Link to="/operator/queue" search={{ pool: pool.name }} className="tone-waiting">
                  <span aria-hidden="true">◔</span> {counted(pool.waiting_jobs, 'job')} waiting
                </Link>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Uses({ uses }: { uses: Use[] }) {
  if (uses.length === 0) return <span className="dim">nobody</span>
  const more = uses.length - kMostNames
  return (
    <span className="wrap">
      {uses.slice(0, kMostNames).map((use, index) => (
        <span key={`${use.kind} ${use.name}`}>
          {index > 0 && ' · '}
          {use.kind === 'user' ? (
            <Link to="/operator/users" search={{ user: use.name }}>
              {use.name}
            </Link>
          ) : (
            <Link to="/operator/groups" search={{ group: use.name }}>
              {use.name}
            </Link>
          )}{' '}
          {use.gpus}
        </span>
      ))}
      {more > 0 && <span className="dim"> · {more} more</span>}
    </span>
  )
}
