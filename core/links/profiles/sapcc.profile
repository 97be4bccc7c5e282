# sapcc/helm-charts: a pod's "name" tells what it is; computes of VMware and ironic are Deployments of their own
profile sapcc
label system name
openstack/nova-api          -                         compute            cp
openstack/nova-api-metadata -                         -                  cp
openstack/nova-conductor    nova-conductor            -                  cp
openstack/nova-scheduler    nova-scheduler            -                  cp
openstack/nova-compute      nova-compute              -                  cp
openstack/neutron-server    -                         network            cp
openstack/neutron-dhcp-agent neutron-dhcp-agent       -                  dp
openstack/neutron-metadata-agent neutron-metadata-agent -                cp
openstack/cinder-api        -                         block-storage      cp
openstack/cinder-scheduler  cinder-scheduler          -                  cp
openstack/cinder-volume     cinder-volume             -                  cp
openstack/keystone-api      -                         identity           cp
openstack/glance-api        -                         image              cp
openstack/placement-api     -                         placement          cp
openstack/ironic-api        -                         baremetal          cp
openstack/ironic-conductor  ironic-conductor          -                  cp
openstack/octavia-api       -                         load-balancer      cp
openstack/designate-api     -                         dns                cp
openstack/barbican-api      -                         key-manager        cp
openstack/manila-api        -                         shared-file-system cp
openstack/manila-scheduler  manila-scheduler          -                  cp
