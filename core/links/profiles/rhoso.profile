# openstack-k8s-operators (Red Hat OpenStack Services on OpenShift)
profile rhoso
label service
nova-api                    -                         compute            cp
nova-conductor              nova-conductor            -                  cp
nova-scheduler              nova-scheduler            -                  cp
nova-metadata               -                         -                  cp
nova-novncproxy             -                         -                  cp
nova-compute                nova-compute              -                  cp
neutron                     -                         network            cp
cinder-api                  -                         block-storage      cp
cinder-scheduler            cinder-scheduler          -                  cp
cinder-volume               cinder-volume             -                  cp
cinder-backup               cinder-backup             -                  cp
keystone                    -                         identity           cp
glance                      -                         image              cp
placement                   -                         placement          cp
heat-api                    -                         orchestration      cp
heat-engine                 heat-engine               -                  cp
ironic-api                  -                         baremetal          cp
ironic-conductor            ironic-conductor          -                  cp
octavia-api                 -                         load-balancer      cp
designate-api               -                         dns                cp
barbican-api                -                         key-manager        cp
manila-api                  -                         shared-file-system cp
manila-scheduler            manila-scheduler          -                  cp
manila-share                manila-share              -                  cp
