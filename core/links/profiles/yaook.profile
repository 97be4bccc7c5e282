# Yaook: the operator's own labels
profile yaook
label state.yaook.cloud/parent-plural state.yaook.cloud/component
novadeployments/api_deployment       -                    compute         cp
novadeployments/conductor            nova-conductor       -               cp
novadeployments/scheduler            nova-scheduler       -               cp
novacomputenodes/compute             nova-compute         -               cp
neutrondeployments/api_deployment    -                    network         cp
neutronl3agents/l3_agent             neutron-l3-agent     -               dp
neutrondhcpagents/dhcp_agent         neutron-dhcp-agent   -               dp
cinderdeployments/api_deployment     -                    block-storage   cp
keystonedeployments/api_deployment   -                    identity        cp
glancedeployments/api_deployment     -                    image           cp
# as later operators name them
novadeployments/nova_api             -                    compute         cp
novadeployments/nova_conductor_sfs   nova-conductor       -               cp
novadeployments/nova_scheduler_sfs   nova-scheduler       -               cp
novadeployments/nova_metadata        -                    -               cp
novadeployments/vnc                  -                    -               cp
novadeployments/placement_api        -                    placement       cp
neutronl2agents/l2_agent             neutron-openvswitch-agent -          dp
cinderdeployments/volume_deployment  cinder-volume        -               cp
keystonedeployments/api              -                    identity        cp
# a queue and databases for each service, told apart by what they are made for; OVN's are Neutron's
amqpservers/amqpserver               -                    -               cp quorum @parent
mysqlservices/database               -                    -               cp quorum @parent
ovsdbservices/ovsdb                  -                    -               cp quorum network
