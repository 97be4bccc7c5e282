# RabbitMQ's cluster operator, as RHOSO and Atmosphere use it: queues of all services, of one of Nova's cells, or one a service
profile rabbitmq-operator
label app.kubernetes.io/part-of app.kubernetes.io/name
rabbitmq/rabbitmq           -                         -                  cp quorum
rabbitmq/rabbitmq-cell1     -                         -                  cp quorum compute
rabbitmq/rabbitmq-nova      -                         -                  cp quorum compute
rabbitmq/rabbitmq-neutron   -                         -                  cp quorum network
rabbitmq/rabbitmq-cinder    -                         -                  cp quorum block-storage
rabbitmq/rabbitmq-heat      -                         -                  cp quorum orchestration
rabbitmq/rabbitmq-ironic    -                         -                  cp quorum baremetal
rabbitmq/rabbitmq-magnum    -                         -                  cp quorum container-infra
rabbitmq/rabbitmq-octavia   -                         -                  cp quorum load-balancer
rabbitmq/rabbitmq-designate -                         -                  cp quorum dns
rabbitmq/rabbitmq-barbican  -                         -                  cp quorum key-manager
rabbitmq/rabbitmq-manila    -                         -                  cp quorum shared-file-system
