import { createRoute, lazyRouteComponent, notFound } from '@tanstack/react-router'
import { sessionQuery } from '@/api/session'
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

function named(search: Record<string, unknown>, key: string): string | undefined {
  const value = search[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const queueRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/queue',
  component: lazyRouteComponent(() => import('@/features/queue/queue-page'), 'QueuePage'),
})

const usersRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/users',
  validateSearch: (search: Record<string, unknown>): { user?: string } => ({ user: named(search, 'user') }),
  component: lazyRouteComponent(() => import('@/features/users/users-page'), 'UsersPage'),
})

const groupsRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/groups',
  validateSearch: (search: Record<string, unknown>): { group?: string } => ({ group: named(search, 'group') }),
  component: lazyRouteComponent(() => import('@/features/groups/groups-page'), 'GroupsPage'),
})

const poolsRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/pools',
  validateSearch: (search: Record<string, unknown>): { pool?: string } => ({ pool: named(search, 'pool') }),
  component: lazyRouteComponent(() => import('@/features/pools/pools-page'), 'PoolsPage'),
})

const nodesRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/nodes',
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
