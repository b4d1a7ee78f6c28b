import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { jobQuery } from '@/api/jobs'
import { historySearch } from '@/features/history/history-search'
import { compareSearch } from '@/features/jobs/compare-search'
import { jobsSearch } from '@/features/jobs/jobs-search'
import { logSearch } from '@/features/logs/log-search'
import { chartSearch } from '@/features/metrics/metrics-search'
import { shellRoute } from './root'

const jobsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs',
  validateSearch: jobsSearch,
  component: lazyRouteComponent(() => import('../pages/jobs'), 'Jobs'),
})

const compareRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs/compare',
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import('../pages/compare'), 'Compare'),
})

const jobRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/jobs/$job',
  // People write project/task:build; everything behind this address speaks of the id, as the stream of changes does.
  beforeLoad: async ({ context, params }) => {
    if (!params.job.includes('/')) return
    const job = await context.client.fetchQuery(jobQuery(params.job)).catch(() => null)
    if (job) throw redirect({ to: '/jobs/$job', params: { job: job.id }, replace: true })
  },
  component: lazyRouteComponent(() => import('../pages/job'), 'JobFrame'),
})

const overviewRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/job'), 'Overview'),
})

const logsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/logs',
  validateSearch: logSearch,
  component: lazyRouteComponent(() => import('../pages/job'), 'Logs'),
})

const metricsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/metrics',
  validateSearch: chartSearch,
  component: lazyRouteComponent(() => import('../pages/job-metrics'), 'Metrics'),
})

const replicasRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/replicas',
  validateSearch: historySearch,
  component: lazyRouteComponent(() => import('../pages/job'), 'Replicas'),
})

const eventsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/events',
  component: lazyRouteComponent(() => import('../pages/job'), 'JobEvents'),
})

const inputsRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/inputs',
  component: lazyRouteComponent(() => import('../pages/job'), 'JobInputs'),
})

const specRoute = createRoute({
  getParentRoute: () => jobRoute,
  path: '/spec',
  component: lazyRouteComponent(() => import('../pages/job'), 'JobSpec'),
})

export const jobRoutes = [jobsRoute, compareRoute, jobRoute.addChildren([overviewRoute, logsRoute, metricsRoute, replicasRoute, eventsRoute, inputsRoute, specRoute])]
