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
