# Plain labels: app=nova-api, as many small charts and the old projects have it
profile plain
label app
nova-api                    -                         compute            cp
nova-conductor              nova-conductor            -                  cp
nova-scheduler              nova-scheduler            -                  cp
nova-compute                nova-compute              -                  cp
neutron-server              -                         network            cp
neutron-l3-agent            neutron-l3-agent          -                  dp
neutron-dhcp-agent          neutron-dhcp-agent        -                  dp
neutron-openvswitch-agent   neutron-openvswitch-agent -                  dp
cinder-api                  -                         block-storage      cp
cinder-scheduler            cinder-scheduler          -                  cp
cinder-volume               cinder-volume             -                  cp
keystone                    -                         identity           cp
keystone-api                -                         identity           cp
glance-api                  -                         image              cp
placement-api               -                         placement          cp
heat-api                    -                         orchestration      cp
heat-engine                 heat-engine               -                  cp
ironic-api                  -                         baremetal          cp
ironic-conductor            ironic-conductor          -                  cp
octavia-api                 -                         load-balancer      cp
