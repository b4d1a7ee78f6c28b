import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './ui/tokens.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ChangesContext } from './api/changes'
import { makeQueryClient, refetchOn } from './api/queries'
import { colourSchemes } from './app/colour-scheme'
import { listen } from './app/live'
import { makeRouter } from './app/router'
import { theme, variables } from './ui/theme'

const client = makeQueryClient()
const router = makeRouter(client)
refetchOn(client, listen)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" colorSchemeManager={colourSchemes}>
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={client}>
        <ChangesContext value={listen}>
          <RouterProvider router={router} />
        </ChangesContext>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
