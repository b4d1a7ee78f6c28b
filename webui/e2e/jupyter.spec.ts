// A real Jupyter in the browser, through the server: on an origin of its own, with its kernel behind a WebSocket. The
// first run on a machine installs it, which takes about a minute; the packages are kept with those of other tests.
import type { Page } from '@playwright/test'
import { expect, test, until, type World } from './world'

interface Component {
  state: string
}

const kInstallSeconds = 400

function path(project: { id: string }, name: string, rest = ''): string {
  return `/projects/${project.id}/components/${name}${rest}`
}

async function reached(world: World, project: { id: string }, state: string): Promise<void> {
  await until(
    `Jupyter is ${state}`,
    async () => (await world.scientist.get<Component>(path(project, 'jupyter'))).state === state,
    kInstallSeconds,
  )
}

/** A click on the link that the server's pages have for a component. */
async function open(page: Page, project: { id: string }): Promise<void> {
  await page.goto(`/api/v1${path(project, 'jupyter', '/open')}`)
}

test('a cell of a notebook is executed in a real browser, and a paused notebook is resumed by its own button', async ({ as, world, watchdog }) => {
  test.setTimeout((kInstallSeconds + 120) * 1000)
  const project = await world.project()
  const page = await as('scientist')
  // Jupyter is on another origin by intention, talks to its own console, and does not answer yet when it begins.
  watchdog.allow(/^another origin: http:\/\/(localhost|127\.0\.0\.1):/, /^console:/, /^50[23]:/, /^exception:/)

  await open(page, project)
  await expect(page.getByRole('heading', { name: 'is disabled' })).toBeVisible()
  await world.scientist.post(path(project, 'jupyter', '/enable'), {})
  await reached(world, project, 'Running')

  await open(page, project)
  expect(new URL(page.url()).origin).not.toBe(world.url)
  // The page that says that it is starting asks again by itself.
  const launcher = page.getByTitle('Python 3 (ipykernel)').first()
  await expect(launcher).toBeVisible({ timeout: 90_000 })
  const socket = page.waitForEvent('websocket', { predicate: (made) => made.url().includes('/channels'), timeout: 60_000 })
  await launcher.click()
  expect((await socket).url()).toContain(path(project, 'jupyter', '/api/kernels/'))

  const cell = page.locator('.jp-Notebook .jp-CodeCell .cm-content').first()
  await cell.click()
  await page.keyboard.type('print("the answer is", 6 * 7)')
  await page.keyboard.press('Shift+Enter')
  await expect(page.locator('.jp-OutputArea-output').first()).toHaveText('the answer is 42', { timeout: 60_000 })

  // A program of the page sees nothing of the server: neither its cookie nor its API.
  expect(await page.evaluate(() => document.cookie)).not.toContain('pintle')
  const refused = await page.evaluate(
    (api) => fetch(api, { credentials: 'include' }).then(() => 'read', () => 'refused'),
    `${world.url}/api/v1/projects`,
  )
  expect(refused).toBe('refused')

  await world.scientist.post(path(project, 'jupyter', '/pause'))
  await reached(world, project, 'Paused')
  // The notebook is not saved, and its page would ask before it is left.
  const again = await page.context().newPage()
  await page.close()
  await open(again, project)
  await expect(again.getByRole('heading', { name: 'is paused' })).toBeVisible()
  await again.getByRole('button', { name: 'Resume' }).click()
  await reached(world, project, 'Running')
  await expect(again.getByTitle('Python 3 (ipykernel)').or(again.locator('.jp-Notebook')).first()).toBeVisible({ timeout: 90_000 })
  await world.scientist.post(path(project, 'jupyter', '/disable'))
})

test('a stranger and a mate do not get in', async ({ as, world, watchdog }) => {
  const project = await world.project()
  watchdog.allow(/^another origin:/)
  for (const role of ['stranger', 'operator', 'nobody'] as const) {
    const page = await as(role)
    const answer = await page.goto(`/api/v1${path(project, 'jupyter', '/open')}`)
    expect([401, 403, 404]).toContain(answer?.status())
  }
})
