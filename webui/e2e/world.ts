// What every end-to-end test begins with: a real server with people, groups and GPUs, and pages of them.
//
//   import { axe, expect, fails, fits, test } from './world'
//
//   test('a job that runs is stopped', async ({ as, world }) => {
//     const job = await world.run(await world.project(), 'sleeps')     // real, of a project that no other test has
//     await world.reached(job, ['Running'])
//     const page = await as('scientist')                               // or 'operator', 'stranger', 'nobody'
//     await page.goto(`/jobs/${job.id}`)
//     await axe(page)
//   })
//
// `fails(page, '/jobs?**')` makes one call answer 500; call `watchdog.allow(/500/)` then, as the watchdog fails every
// test in whose pages something went wrong unseen. WEBUI=dist tests the sources beside, without linking the server.
import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type BrowserContext, type Page, type Route } from '@playwright/test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Schemas } from '../src/api/client'
import { Front, kFromSources } from './front'
import { keepScreenshot } from './screenshot'
import { Server, until } from './server'

export { expect, until }

export const kPassword = 'correct horse battery'

/** An operator, two data scientists of different groups, one who has nothing yet, and whoever is not signed in. */
export type Role = 'operator' | 'scientist' | 'stranger' | 'newcomer' | 'nobody'

/** Their names; a scientist and a stranger never see each other's work. No test makes anything for the newcomer. */
export const kNames = { operator: 'operator', scientist: 'ana', stranger: 'bo', newcomer: 'cy' } as const

const kConfig = `
node:
  gpus:
  - {model: A100, memory: 80Gi, count: 4}
  - {model: T4, memory: 16Gi, count: 2}
`

/** Whoever calls the API beside the browser. */
export class Person {
  private constructor(
    private readonly url: string,
    readonly name: string,
    readonly cookie: string,
    private readonly csrf: string,
  ) {}

  static async signIn(url: string, name: string, password = kPassword): Promise<Person> {
    const answer = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: url },
      body: JSON.stringify({ user: name, password }),
    })
    const body = await bodyOf<Schemas['SignedIn']>(answer)
    const cookie = /pintle_session=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1]
    if (!cookie) throw new Error('signing in set no cookie')
    return new Person(url, name, cookie, body.csrf)
  }

  get<T>(path: string): Promise<T> {
    return this.send('GET', path)
  }
  post<T>(path: string, body?: unknown): Promise<T> {
    return this.send('POST', path, body)
  }

  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        Cookie: `pintle_session=${this.cookie}`,
        Origin: this.url,
        'X-CSRF-Token': this.csrf,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return bodyOf<T>(answer)
  }
}

async function bodyOf<T>(answer: Response): Promise<T> {
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${text}`)
  return JSON.parse(text) as T
}

export interface Task {
  name: string
  command: string
  gpus?: number
  replicas?: number
}

/** Small tasks for every end that a job can take. */
export const kTasks: Task[] = [
  { name: 'quick', command: 'echo done' },
  { name: 'sleeps', command: 'echo asleep; sleep 1000' },
  { name: 'fails', command: 'echo "no such shard" >&2; exit 3' },
  { name: 'chatty', command: 'for i in $(seq 1 500); do echo "line $i of 500"; done' },
  { name: 'trains', command: 'echo epoch 1; sleep 1000', gpus: 1 },
  { name: 'waits', command: 'true', gpus: 3 },
]

/** The document of a project of such tasks. */
export function documentOf(name: string, tasks: Task[] = kTasks) {
  return {
    name,
    tasks: tasks.map((task) => ({
      name: task.name,
      resources: [
        {
          name: 'worker',
          command: task.command,
          ...(task.replicas === undefined ? {} : { replicas: task.replicas }),
          ...(task.gpus === undefined ? {} : { resources: { accelerators: { gpu: task.gpus } } }),
        },
      ],
    })),
  }
}

/** A server with people, groups and GPUs, one for each worker of the tests. Tests make projects of their own in it. */
export class World {
  private readonly front = new Front()
  private readonly people = new Map<Role, Person>()
  private count = 0

  private constructor(readonly server: Server) {}

  /** The server alone, as its first start leaves it: nobody has a password yet. Browsers find it at a port of its own choice unless given. */
  static async fresh(config = kConfig, port = 0): Promise<World> {
    const world = new World(new Server(mkdtempSync(join(tmpdir(), 'pintle-e2e-')), config))
    if (port !== 0 && !kFromSources) world.server.address = `127.0.0.1:${port}`
    await world.server.start()
    if (kFromSources) await world.front.start(() => world.server.url, port)
    return world
  }

  static async populated(): Promise<World> {
    const world = await World.fresh()
    await world.setPassword(await world.welcomeCode())
    const operator = await world.signIn('operator')
    await operator.post('/pools', { name: 'research', model: 'A100', gpus: 3 })
    await operator.post('/pools', { name: 'vision', model: 'T4', gpus: 1 })
    await operator.post('/groups', { name: 'research', pool: 'research' })
    await operator.post('/groups', { name: 'vision', pool: 'vision' })
    await world.onboard(kNames.scientist, 'research')
    await world.onboard(kNames.stranger, 'vision')
    await operator.post('/pools', { name: 'newcomers', model: 'T4', gpus: 0 })
    await operator.post('/groups', { name: 'newcomers', pool: 'newcomers' })
    await world.onboard(kNames.newcomer, 'newcomers')
    await world.signIn('scientist')
    await world.signIn('stranger')
    await world.signIn('newcomer')
    return world
  }

  /** Where browsers find it. */
  get url(): string {
    return kFromSources ? this.front.url : this.server.url
  }

  /** The code of the link that the first start of a server prints, soon after it begins to answer. */
  welcomeCode(): Promise<string> {
    return until('the server prints a link', () => /welcome#(pin_[0-9A-Za-z]+)/.exec(this.server.log())?.[1])
  }

  person(role: Exclude<Role, 'nobody'>): Person {
    const person = this.people.get(role)
    if (!person) throw new Error(`there is no ${role} in this world`)
    return person
  }
  get operator(): Person {
    return this.person('operator')
  }
  get scientist(): Person {
    return this.person('scientist')
  }
  get stranger(): Person {
    return this.person('stranger')
  }

  /** Lets somebody in who has a password at once. */
  async onboard(name: string, group?: string): Promise<void> {
    const { code } = await this.operator.post<Schemas['Invitation']>('/users', { name, ...(group === undefined ? {} : { group }) })
    await this.setPassword(code)
  }

  /** A name that no other test of this world has. */
  unique(word: string): string {
    return `${word}-${++this.count}`
  }

  async project(owner = this.scientist, tasks = kTasks, name = this.unique('tiny')): Promise<Schemas['ProjectFull']> {
    return (await owner.post<Schemas['ProjectSaved']>('/projects', documentOf(name, tasks))).project
  }

  run(project: { name: string }, task: string, owner = this.scientist, body: object = {}): Promise<Schemas['Job']> {
    return owner.post(`/projects/${encodeURIComponent(project.name)}/tasks/${encodeURIComponent(task)}/jobs`, body)
  }

  /** The job once it is in one of these states: its end, unless said otherwise. */
  reached(job: { id: string; name: string }, states: string[] = ['Complete', 'Error', 'Stopped'], owner = this.operator): Promise<Schemas['Job']> {
    return until(`${job.name} is ${states.join(' or ')}`, async () => {
      const now = await owner.get<Schemas['Job']>(`/jobs/${job.id}`)
      return states.includes(now.state) ? now : null
    })
  }

  async stop(): Promise<void> {
    this.front.stop()
    try {
      await this.stopJobs()
    } catch {
      // A test may have left the server dead; then nothing is left to be stopped in good order.
    }
    await this.server.stop()
    this.server.remove()
  }

  async signIn(role: Exclude<Role, 'nobody'>): Promise<Person> {
    const person = await Person.signIn(this.server.url, kNames[role])
    this.people.set(role, person)
    return person
  }

  async setPassword(invite: string, password = kPassword): Promise<void> {
    await fetch(`${this.server.url}/api/v1/password`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ invite, password }),
    }).then(bodyOf)
  }

  private async stopJobs(): Promise<void> {
    if (!this.people.has('operator')) return
    const live = () => this.operator.get<{ items: Schemas['JobShort'][] }>('/jobs?live=true&show=everyone&limit=1000')
    for (const job of (await live()).items) await this.operator.post(`/jobs/${job.id}/stop`)
    await until('no job runs', async () => (await live()).items.length === 0, 30)
  }
}

/** What goes wrong in a page without being seen, and fails the test. */
export class Watchdog {
  private readonly faults: string[] = []
  private readonly allowed: RegExp[] = []

  constructor(private readonly origin: string) {}

  /** What this test provokes. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns)
  }

  watch(context: BrowserContext): void {
    context.on('console', (message) => {
      // That a request failed is said with its address and status by the listeners below.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) this.note(`console: ${message.text()}`)
    })
    context.on('weberror', (error) => this.note(`exception: ${error.error().stack ?? error.error().message}`))
    context.on('response', (answer) => answer.status() >= 500 && this.note(`${answer.status()}: ${answer.request().method()} ${answer.url()}`))
    context.on('request', (request) => {
      const url = new URL(request.url())
      if (url.origin !== this.origin && !['data:', 'blob:'].includes(url.protocol)) this.note(`another origin: ${request.url()}`)
    })
    context.on('dialog', (dialog) => {
      this.note(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }

  bark(): void {
    expect(this.faults.filter((fault) => !this.allowed.some((pattern) => pattern.test(fault))), 'faults in the page').toEqual([])
  }

  private note(fault: string): void {
    this.faults.push(fault)
  }
}

/** One call of the API answers 500 until the function that is returned is called. */
export async function fails(page: Page, route: string | RegExp, message = 'The disk is on fire.'): Promise<() => Promise<void>> {
  const answer = (asked: Route) => asked.fulfill({ status: 500, json: { code: 'internal', message, request_id: 'req_test' } })
  const where = typeof route === 'string' ? `**/api/v1${route}` : route
  await page.route(where, answer)
  return () => page.unroute(where, answer)
}

/** What fades in or changes its colour has come to rest; what turns for ever is not waited for. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
    await Promise.all(ending.map((each) => each.finished.catch(() => null)))
  })
}

/** No violation of WCAG 2.2 AA that a program can find. */
export async function axe(page: Page): Promise<void> {
  await settle(page)
  // The checker brings types of a newer Playwright than the one that drives the browser.
  const { violations } = await new AxeBuilder({ page: page as never }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
  const said = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `  ${node.target.join(' ')}\n    ${node.html.slice(0, 200)}`).join('\n')}`)
  expect(said, 'accessibility').toEqual([])
}

/** Nothing makes the page wider than the window; what is too long is clipped or scrolls in its own place. */
export async function fits(page: Page): Promise<void> {
  const { wide, window } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, window: innerWidth }))
  expect(wide, 'width of the page').toBeLessThanOrEqual(window)
}

export interface Options {
  viewport?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
  /** A session of its own, which the test may end. */
  ownSession?: boolean
}

interface Fixtures {
  watchdog: Watchdog
  /** A page of somebody, in a browser context of its own. */
  as: (role: Role, options?: Options) => Promise<Page>
  /** Keeps a picture in both themes in docs/screens when UPDATE_SCREENS=1. */
  picture: (page: Page, name: string) => Promise<void>
}

export const kPhone = { width: 390, height: 844 }

export const test = base.extend<Fixtures, { world: World }>({
  world: [
    async ({}, give) => {
      const world = await World.populated()
      await give(world)
      await world.stop()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ world }, give) => give(world.url),
  watchdog: [
    async ({ world }, give) => {
      const watchdog = new Watchdog(world.url)
      await give(watchdog)
      watchdog.bark()
    },
    { auto: true },
  ],
  context: async ({ context, watchdog }, give) => {
    watchdog.watch(context)
    await give(context)
  },
  as: async ({ browser, world, watchdog }, give) => {
    const made: BrowserContext[] = []
    await give(async (role, { ownSession = false, ...options } = {}) => {
      const context = await browser.newContext({ baseURL: world.url, ...options })
      made.push(context)
      watchdog.watch(context)
      if (role !== 'nobody') {
        const { cookie } = ownSession ? await Person.signIn(world.server.url, kNames[role]) : world.person(role)
        await context.addCookies([{ name: 'pintle_session', value: cookie, url: world.url, httpOnly: true, sameSite: 'Lax' }])
      }
      return context.newPage()
    })
    for (const context of made) await context.close()
  },
  picture: async ({}, give) => give(keepScreenshot),
})
