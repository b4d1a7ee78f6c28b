// A real TensorBoard in the browser, through the server, with what a job wrote. The first run on a machine installs it,
// which takes about a minute; the packages are kept with those of other tests.
import { expect, test, until } from './world'

interface Component {
  state: string
}

const kInstallSeconds = 400

// TensorBoard's own package writes event files too, without TensorFlow.
const kTrain = [
  'import os',
  'from tensorboard.compat.proto.event_pb2 import Event',
  'from tensorboard.compat.proto.summary_pb2 import Summary',
  'from tensorboard.summary.writer.event_file_writer import EventFileWriter',
  'writer = EventFileWriter(os.environ["TRAINING_DIR"] + "/" + os.environ["BUILD_ID"])',
  'for step in range(20):',
  '    value = Summary.Value(tag="shrinking_loss", simple_value=1 / (1 + step))',
  '    writer.add_event(Event(wall_time=1700000000 + step, step=step, summary=Summary(value=[value])))',
  'writer.close()',
].join('\n')

test('a scalar that a job wrote is a curve of a real TensorBoard', async ({ as, world, watchdog }) => {
  test.setTimeout((2 * kInstallSeconds + 120) * 1000)
  const name = world.unique('curves')
  const { project } = await world.scientist.post<{ project: { id: string; name: string } }>('/projects', {
    name,
    sources: [{ name: 'training', mount_path: '/workspace/training', cluster_storage: 'default' }],
    tasks: [{ name: 'train', resources: [{ name: 'worker', command: `python3 - <<'END'\n${kTrain}\nEND`, packages: ['tensorboard'] }] }],
  })
  const component = `/projects/${project.id}/components/tensorboard`
  const written = await world.run(project, 'train')
  await until('the job has ended', async () => (await world.reached(written)).state === 'Complete', kInstallSeconds)
  await world.scientist.post(`${component}/enable`, {})
  await until('TensorBoard runs', async () => (await world.scientist.get<Component>(component)).state === 'Running', kInstallSeconds)
  const page = await as('scientist')
  // TensorBoard is on another origin by intention, talks to its own console, and does not answer yet when it begins.
  watchdog.allow(/^another origin: http/, /^console:/, /^50[23]:/, /^exception:/)
  await page.goto(`/api/v1${component}/open`)
  expect(new URL(page.url()).origin).not.toBe(world.url)
  await expect(page).toHaveTitle(/TensorBoard/, { timeout: 90_000 })
  await expect(page.getByText('shrinking_loss').first()).toBeVisible({ timeout: 60_000 })
  // The points themselves came through the server, below the component's path.
  const points = await page.evaluate(async () => {
    const requests = JSON.stringify([{ plugin: 'scalars', tag: 'shrinking_loss' }])
    const answer = await fetch('data/plugin/timeseries/timeSeries', { method: 'POST', body: new URLSearchParams({ requests }) })
    const [found] = (await answer.json()) as { runToSeries: Record<string, { step: number; value: number }[]> }[]
    return found?.runToSeries['1']
  })
  expect(points).toHaveLength(20)
  expect(points?.[3]).toMatchObject({ step: 3, value: 0.25 })
  await world.scientist.post(`${component}/disable`)
})
