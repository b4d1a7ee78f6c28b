import { ClusterPage } from '@/features/cluster/cluster-page'
import { NodeUsages } from '@/features/metrics/node-usage'

/** The cluster at a glance, with what its machines use. */
export function Cluster() {
  return <ClusterPage usage={<NodeUsages />} />
}
