import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, Outlet, redirect } from '@tanstack/react-router'
import { ApiError } from '@/api/error'
import { sessionQuery } from '@/api/session'
import { WelcomePage } from '@/features/session/welcome-page'
import { Missing, RouteError } from '../route-error'
import { Shell } from '../shell'

export interface RouterContext {
  client: QueryClient
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: Missing,
  errorComponent: RouteError,
})

/** Only a path of this server: a link must not send people who have just signed in elsewhere. */
function ownPath(text: unknown): string {
  return typeof text === 'string' && /^\/(?![/\\])/.test(text) ? text : '/'
}

export const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/welcome',
  validateSearch: (search: Record<string, unknown>): { next?: string } => (search.next === undefined ? {} : { next: ownPath(search.next) }),
  component: function Welcome() {
    const { next } = welcomeRoute.useSearch()
    return <WelcomePage next={next ?? '/'} />
  },
})

/** Everything for people who are signed in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(sessionQuery)
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isSignedOut) throw error
      throw redirect({ to: '/welcome', search: location.href === '/' ? {} : { next: location.href } })
    }
  },
  component: Shell,
})
