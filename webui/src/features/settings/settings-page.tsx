import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { doctorQuery, serverQuery } from '@/api/cluster'
import { counted } from '@/lib/quantity'
import { CopyIcon, Command } from '@/ui/copy'
import { Page } from '@/ui/page'
import { Loaded, Panel } from '@/ui/panel'
import { Facts } from '@/ui/side-pane'
import { StateBadge } from '@/ui/state-badge'
import { Elapsed, TimeAgo } from '@/ui/time'
import { storagesQuery, waysInQuery } from './api'
import { configKeys } from './config-keys'
import classes from './settings-page.module.css'

/** What the server is, what it found out about its machine, and where each of its settings stands. */
export function SettingsPage() {
  const server = useQuery(serverQuery)
  const ways = useQuery(waysInQuery)
  const storages = useQuery(storagesQuery)
  const doctor = useQuery(doctorQuery)
  return (
    <Page title="Settings">
      <Stack gap={12} maw={1100}>
        <Panel title="Server">
          <Loaded query={server} what="The server's facts could not be read">
            {(facts) => (
              <Facts
                facts={[
                  ['Version', `${facts.version}, API ${facts.api}`],
                  ['Up for', <span key="up"><Elapsed from={facts.started_at} to={null} />, started <TimeAgo at={facts.started_at} /></span>],
                  ['Address', facts.address],
                  ['Data folder', facts.data_folder === null ? '–' : <span key="data"><span className="mono">{facts.data_folder}</span> <CopyIcon value={facts.data_folder} what="Copy the folder" /></span>],
                  ['Holds', `${counted(facts.projects, 'project')}, ${counted(facts.live_jobs, 'live job')}`],
                  ['Nodes', <Link key="nodes" to="/operator/nodes">{counted(facts.nodes.length, 'node')}</Link>],
                ]}
              />
            )}
          </Loaded>
        </Panel>
        <Panel title="Ways to sign in">
          <Loaded query={ways} what="The ways to sign in could not be read" rows={2}>
            {(known) => (
              <Facts
                facts={[
                  ['Password', known.password ? 'yes' : 'no: by identity providers only'],
                  ['Providers', known.providers.length > 0 ? known.providers.map((provider) => provider.name).join(', ') : 'none; sign_in.providers in the configuration file adds some'],
                ]}
              />
            )}
          </Loaded>
        </Panel>
        <Panel title="What the doctor found" actions={<Command>pintle doctor</Command>} flush>
          <Loaded query={doctor} what="The findings could not be read">
            {(findings) => (
              <table className={classes.table}>
                <thead className="visually-hidden">
                  <tr>
                    <th>Level</th>
                    <th>Subject</th>
                    <th>Finding</th>
                  </tr>
                </thead>
                <tbody>
                  {findings.map((finding) => (
                    <tr key={finding.subject}>
                      <td>
                        <StateBadge state={finding.level} />
                      </td>
                      <th scope="row">{finding.subject}</th>
                      <td className="wrap">{finding.message}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </Loaded>
        </Panel>
        <Panel title="In the configuration file" actions={<Command>pintle serve --config FILE</Command>} flush>
          <p className={`dim ${classes.note}`}>These can be changed there only, and hold when the server starts the next time. Everything else is changed on the pages of users, groups, pools and the queue.</p>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">Is now</th>
                <th scope="col">Means</th>
              </tr>
            </thead>
            <tbody>
              {configKeys({ server: server.data, storages: storages.data, ways: ways.data }).map((each) => (
                <tr key={each.key}>
                  <th scope="row" className="mono">
                    {each.key}
                  </th>
                  <td className="wrap">{each.value ?? <span className="dim">not told by the server</span>}</td>
                  <td className="dim">{each.meaning}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Panel>
      </Stack>
    </Page>
  )
}
