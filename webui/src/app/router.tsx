import type { QueryClient } from '@tanstack/react-query'
import { createRouter } from '@tanstack/react-router'
import { Loading } from '@/ui/panel'
import { catalogRoutes } from './routes/catalog'
import { jobRoutes } from './routes/jobs'
import { operatorRoutes } from './routes/operator'
import { projectRoutes } from './routes/projects'
import { rootRoute, shellRoute, welcomeRoute } from './routes/root'
import { scientistRoutes } from './routes/scientist'

const routeTree = rootRoute.addChildren([welcomeRoute, shellRoute.addChildren([...scientistRoutes, ...projectRoutes, ...catalogRoutes, ...jobRoutes, ...operatorRoutes])])

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    context: { client },
    // The code of a page is there before the finger is up; its data is kept by the query client.
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 200,
    defaultPendingComponent: () => <Loading />,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
