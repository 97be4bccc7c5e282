# OpenStack-Helm and what is built of it: Atmosphere, Genestack, Airship, MOSK
profile openstack-helm
label application component
# component                 binary                    API                plane
nova/os-api                 -                         compute            cp
nova/metadata               -                         -                  cp
nova/conductor              nova-conductor            -                  cp
nova/scheduler              nova-scheduler            -                  cp
nova/compute                nova-compute              -                  cp
nova/compute-ironic         nova-compute              -                  cp
nova/novnc-proxy            -                         -                  cp
nova/spice-proxy            -                         -                  cp
libvirt/libvirt             -                         -                  dp
neutron/server              -                         network            cp
neutron/neutron-ovs-agent   neutron-openvswitch-agent -                  dp
neutron/l3-agent            neutron-l3-agent          -                  dp
neutron/dhcp-agent          neutron-dhcp-agent        -                  dp
neutron/metadata-agent      neutron-metadata-agent    -                  cp
neutron/ovn-metadata-agent  ovn-metadata-agent        -                  cp
openvswitch/server          -                         -                  dp
openvswitch/openvswitch-vswitchd -                    -                  dp
ovn/ovn-controller          -                         -                  dp
ovn/ovn-ovsdb-nb            -                         -                  cp quorum
ovn/ovn-ovsdb-sb            -                         -                  cp quorum
cinder/api                  -                         block-storage      cp
cinder/scheduler            cinder-scheduler          -                  cp
cinder/volume               cinder-volume             -                  cp
cinder/backup               cinder-backup             -                  cp
keystone/api                -                         identity           cp
glance/api                  -                         image              cp
placement/api               -                         placement          cp
heat/api                    -                         orchestration      cp
heat/cfn                    -                         -                  cp
heat/engine                 heat-engine               -                  cp
ironic/api                  -                         baremetal          cp
ironic/conductor            ironic-conductor          -                  cp
magnum/api                  -                         container-infra    cp
magnum/conductor            magnum-conductor          -                  cp
octavia/api                 -                         load-balancer      cp
octavia/worker              -                         -                  cp
octavia/housekeeping        -                         -                  cp
octavia/health-manager      -                         -                  cp
designate/api               -                         dns                cp
barbican/api                -                         key-manager        cp
manila/api                  -                         shared-file-system cp
manila/scheduler            manila-scheduler          -                  cp
manila/share                manila-share              -                  cp
manila/data                 manila-data               -                  cp
horizon/server              -                         -                  cp
mariadb/server              -                         -                  cp quorum
rabbitmq/server             -                         -                  cp quorum
memcached/server            -                         -                  cp
etcd/server                 -                         -                  cp quorum
ceph/mon                    -                         -                  st quorum
ceph/osd                    -                         -                  st
