import { createRoute, lazyRouteComponent, notFound } from '@tanstack/react-router'
import { sessionQuery } from '@/api/session'
import { given, oneIn, textIn } from '@/lib/search-params'
import { shellRoute } from './root'

const operatorRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/operator',
  beforeLoad: async ({ context }) => {
    const session = await context.client.ensureQueryData(sessionQuery)
    if (session.role !== 'operator') throw notFound()
  },
})

const clusterRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/cluster/cluster-page'), 'ClusterPage'),
})

type Search = Record<string, unknown>

interface QueueSearch {
  pool?: string
  held?: 'no'
}

function queueSearch(search: Search): QueueSearch {
  return given({ pool: textIn(search, 'pool'), held: oneIn(search, 'held', ['no']) })
}

const queueRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/queue',
  validateSearch: queueSearch,
  component: lazyRouteComponent(() => import('@/features/queue/queue-page'), 'OperatorQueuePage'),
})

const usersRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/users',
  validateSearch: (search: Search): { user?: string } => given({ user: textIn(search, 'user') }),
  component: lazyRouteComponent(() => import('@/features/users/users-page'), 'UsersPage'),
})

const groupsRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/groups',
  validateSearch: (search: Search): { group?: string; text?: string } => given({ group: textIn(search, 'group'), text: textIn(search, 'text') }),
  component: lazyRouteComponent(() => import('@/features/groups/groups-page'), 'GroupsPage'),
})

const poolsRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/pools',
  validateSearch: (search: Search): { pool?: string } => given({ pool: textIn(search, 'pool') }),
  component: lazyRouteComponent(() => import('@/features/pools/pools-page'), 'PoolsPage'),
})

const nodesRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/nodes',
  validateSearch: (search: Search): { node?: string } => given({ node: textIn(search, 'node') }),
  component: lazyRouteComponent(() => import('@/features/nodes/nodes-page'), 'NodesPage'),
})

const devicesRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/devices',
  component: lazyRouteComponent(() => import('@/features/devices/devices-page'), 'DevicesPage'),
})

const storagesRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/storages',
  component: lazyRouteComponent(() => import('@/features/storages/storages-page'), 'StoragesPage'),
})

const auditRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/audit',
  component: lazyRouteComponent(() => import('@/features/audit/audit-page'), 'AuditPage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/settings/settings-page'), 'SettingsPage'),
})

export const operatorRoutes = [operatorRoute.addChildren([clusterRoute, queueRoute, usersRoute, groupsRoute, poolsRoute, nodesRoute, devicesRoute, storagesRoute, auditRoute, settingsRoute])]
