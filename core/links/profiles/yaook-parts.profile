# Yaook: whose queue or database it is says its own object, by the labels of the deployment that it is made for
profile yaook-parts
label @kind state.yaook.cloud/parent-plural
amqpservers.infra.yaook.cloud/novadeployments         - - cp quorum compute
amqpservers.infra.yaook.cloud/neutrondeployments      - - cp quorum network
amqpservers.infra.yaook.cloud/cinderdeployments       - - cp quorum block-storage
amqpservers.infra.yaook.cloud/keystonedeployments     - - cp quorum identity
amqpservers.infra.yaook.cloud/glancedeployments       - - cp quorum image
amqpservers.infra.yaook.cloud/heatdeployments         - - cp quorum orchestration
amqpservers.infra.yaook.cloud/ironicdeployments       - - cp quorum baremetal
amqpservers.infra.yaook.cloud/octaviadeployments      - - cp quorum load-balancer
amqpservers.infra.yaook.cloud/designatedeployments    - - cp quorum dns
amqpservers.infra.yaook.cloud/barbicandeployments     - - cp quorum key-manager
amqpservers.infra.yaook.cloud/maniladeployments       - - cp quorum shared-file-system
mysqlservices.infra.yaook.cloud/novadeployments       - - cp quorum compute
mysqlservices.infra.yaook.cloud/neutrondeployments    - - cp quorum network
mysqlservices.infra.yaook.cloud/cinderdeployments     - - cp quorum block-storage
mysqlservices.infra.yaook.cloud/keystonedeployments   - - cp quorum identity
mysqlservices.infra.yaook.cloud/glancedeployments     - - cp quorum image
mysqlservices.infra.yaook.cloud/heatdeployments       - - cp quorum orchestration
mysqlservices.infra.yaook.cloud/ironicdeployments     - - cp quorum baremetal
mysqlservices.infra.yaook.cloud/octaviadeployments    - - cp quorum load-balancer
mysqlservices.infra.yaook.cloud/designatedeployments  - - cp quorum dns
mysqlservices.infra.yaook.cloud/barbicandeployments   - - cp quorum key-manager
mysqlservices.infra.yaook.cloud/maniladeployments     - - cp quorum shared-file-system
