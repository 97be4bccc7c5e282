/*
 * The messages kubectl sends as protobuf, from the published generated.proto and struct tags of k8s.io/api 0.36: one line a
 * message, "NUMBERname:type". s string, b bytes, i/z integer (z: 0 is not set), o/f boolean (f: false is not set), T time,
 * Q quantity, X/x int or string, R JSON, @M message, ~M message (empty is not set), !M its fields are ours, * list, % map.
 */
#include "core/sim/kube_proto.h"

const char *const proto_schema[] = {
    "Affinity 1nodeAffinity:@NodeAffinity 2podAffinity:@PodAffinity 3podAntiAffinity:@PodAntiAffinity",
    "AggregationRule 1clusterRoleSelectors:*@LabelSelector",
    "AppArmorProfile 1type:s 2localhostProfile:s",
    "Binding 1metadata:~ObjectMeta 2target:~ObjectReference",
    "BoundObjectReference 1kind:s 2apiVersion:s 3name:s 4uid:s",
    "CSIVolumeSource 1driver:s 2readOnly:o 3fsType:s 4volumeAttributes:%s 5nodePublishSecretRef:@LocalObjectReference",
    "Capabilities 1add:*s 2drop:*s",
    "CinderVolumeSource 1volumeID:s 2fsType:s 3readOnly:f 4secretRef:@LocalObjectReference",
    "ClientIPConfig 1timeoutSeconds:i",
    "ClusterRole 1metadata:~ObjectMeta 2rules:*@PolicyRule 3aggregationRule:@AggregationRule",
    "ClusterRoleBinding 1metadata:~ObjectMeta 2subjects:*@Subject 3roleRef:~RoleRef",
    "ClusterTrustBundleProjection 1name:s 2signerName:s 3labelSelector:@LabelSelector 5optional:o 4path:s",
    "ConfigMap 1metadata:~ObjectMeta 4immutable:o 2data:%s 3binaryData:%b",
    "ConfigMapEnvSource 1localObjectReference:!LocalObjectReference 2optional:o",
    "ConfigMapKeySelector 1localObjectReference:!LocalObjectReference 2key:s 3optional:o",
    "ConfigMapProjection 1localObjectReference:!LocalObjectReference 2items:*@KeyToPath 4optional:o",
    "ConfigMapVolumeSource 1localObjectReference:!LocalObjectReference 2items:*@KeyToPath 3defaultMode:i 4optional:o",
    "Container 1name:s 2image:s 3command:*s 4args:*s 5workingDir:s 6ports:*@ContainerPort 19envFrom:*@EnvFromSource 7env:*@EnvVar "
        "8resources:~ResourceRequirements 23resizePolicy:*@ContainerResizePolicy 24restartPolicy:s "
        "25restartPolicyRules:*@ContainerRestartRule 9volumeMounts:*@VolumeMount 21volumeDevices:*@VolumeDevice "
        "10livenessProbe:@Probe 11readinessProbe:@Probe 22startupProbe:@Probe 12lifecycle:@Lifecycle 13terminationMessagePath:s "
        "20terminationMessagePolicy:s 14imagePullPolicy:s 15securityContext:@SecurityContext 16stdin:f 17stdinOnce:f 18tty:f",
    "ContainerPort 1name:s 2hostPort:z 3containerPort:z 4protocol:s 5hostIP:s",
    "ContainerResizePolicy 1resourceName:s 2restartPolicy:s",
    "ContainerResourceMetricSource 1name:s 2target:~MetricTarget 3container:s",
    "ContainerRestartRule 1action:s 2exitCodes:@ContainerRestartRuleOnExitCodes",
    "ContainerRestartRuleOnExitCodes 1operator:s 2values:*i",
    "CronJob 1metadata:~ObjectMeta 2spec:~CronJobSpec",
    "CronJobSpec 1schedule:s 8timeZone:s 2startingDeadlineSeconds:i 3concurrencyPolicy:s 4suspend:o 5jobTemplate:~JobTemplateSpec "
        "6successfulJobsHistoryLimit:i 7failedJobsHistoryLimit:i",
    "CrossVersionObjectReference 1kind:s 2name:s 3apiVersion:s",
    "DaemonSet 1metadata:~ObjectMeta 2spec:~DaemonSetSpec",
    "DaemonSetSpec 1selector:@LabelSelector 2template:~PodTemplateSpec 3updateStrategy:~DaemonSetUpdateStrategy "
        "4minReadySeconds:z 6revisionHistoryLimit:i",
    "DaemonSetUpdateStrategy 1type:s 2rollingUpdate:@RollingUpdateDaemonSet",
    "DeleteOptions 1gracePeriodSeconds:i 2preconditions:@Preconditions 3orphanDependents:o 4propagationPolicy:s 5dryRun:*s "
        "6ignoreStoreReadErrorWithClusterBreakingPotential:o",
    "Deployment 1metadata:~ObjectMeta 2spec:~DeploymentSpec",
    "DeploymentSpec 1replicas:i 2selector:@LabelSelector 3template:~PodTemplateSpec 4strategy:~DeploymentStrategy "
        "5minReadySeconds:z 6revisionHistoryLimit:i 7paused:f 9progressDeadlineSeconds:i",
    "DeploymentStrategy 1type:s 2rollingUpdate:@RollingUpdateDeployment",
    "DownwardAPIProjection 1items:*@DownwardAPIVolumeFile",
    "DownwardAPIVolumeFile 1path:s 2fieldRef:@ObjectFieldSelector 3resourceFieldRef:@ResourceFieldSelector 4mode:i",
    "DownwardAPIVolumeSource 1items:*@DownwardAPIVolumeFile 2defaultMode:i",
    "EmptyDirVolumeSource 1medium:s 2sizeLimit:Q",
    "EnvFromSource 1prefix:s 2configMapRef:@ConfigMapEnvSource 3secretRef:@SecretEnvSource",
    "EnvVar 1name:s 2value:s 3valueFrom:@EnvVarSource",
    "EnvVarSource 1fieldRef:@ObjectFieldSelector 2resourceFieldRef:@ResourceFieldSelector 3configMapKeyRef:@ConfigMapKeySelector "
        "4secretKeyRef:@SecretKeySelector 5fileKeyRef:@FileKeySelector",
    "EphemeralContainer 1ephemeralContainerCommon:!EphemeralContainerCommon 2targetContainerName:s",
    "EphemeralContainerCommon 1name:s 2image:s 3command:*s 4args:*s 5workingDir:s 6ports:*@ContainerPort "
        "19envFrom:*@EnvFromSource 7env:*@EnvVar 8resources:~ResourceRequirements 23resizePolicy:*@ContainerResizePolicy "
        "24restartPolicy:s 25restartPolicyRules:*@ContainerRestartRule 9volumeMounts:*@VolumeMount 21volumeDevices:*@VolumeDevice "
        "10livenessProbe:@Probe 11readinessProbe:@Probe 22startupProbe:@Probe 12lifecycle:@Lifecycle 13terminationMessagePath:s "
        "20terminationMessagePolicy:s 14imagePullPolicy:s 15securityContext:@SecurityContext 16stdin:f 17stdinOnce:f 18tty:f",
    "EphemeralVolumeSource 1volumeClaimTemplate:@PersistentVolumeClaimTemplate",
    "Eviction 1metadata:~ObjectMeta 2deleteOptions:@DeleteOptions",
    "ExecAction 1command:*s",
    "ExternalMetricSource 1metric:~MetricIdentifier 2target:~MetricTarget",
    "ExtraValue 1items:*s",
    "FieldSelectorAttributes 1rawSelector:s 2requirements:*@FieldSelectorRequirement",
    "FieldSelectorRequirement 1key:s 2operator:s 3values:*s",
    "FileKeySelector 1volumeName:s 2path:s 3key:s 4optional:o",
    "GRPCAction 1port:z 2service:s",
    "HPAScalingPolicy 1type:s 2value:z 3periodSeconds:z",
    "HPAScalingRules 3stabilizationWindowSeconds:i 1selectPolicy:s 2policies:*@HPAScalingPolicy 4tolerance:Q",
    "HTTPGetAction 1path:s 2port:x 3host:s 4scheme:s 5httpHeaders:*@HTTPHeader",
    "HTTPHeader 1name:s 2value:s",
    "HTTPIngressPath 1path:s 3pathType:s 2backend:~IngressBackend",
    "HTTPIngressRuleValue 1paths:*@HTTPIngressPath",
    "HorizontalPodAutoscaler 1metadata:~ObjectMeta 2spec:~HorizontalPodAutoscalerSpec",
    "HorizontalPodAutoscaler@autoscaling/v1 1metadata:~ObjectMeta 2spec:~HorizontalPodAutoscalerSpec@autoscaling/v1",
    "HorizontalPodAutoscalerSpec@autoscaling/v1 1scaleTargetRef:~CrossVersionObjectReference 2minReplicas:i 3maxReplicas:z "
        "4targetCPUUtilizationPercentage:i",
    "HorizontalPodAutoscalerBehavior 1scaleUp:@HPAScalingRules 2scaleDown:@HPAScalingRules",
    "HorizontalPodAutoscalerSpec 1scaleTargetRef:~CrossVersionObjectReference 2minReplicas:i 3maxReplicas:z 4metrics:*@MetricSpec "
        "5behavior:@HorizontalPodAutoscalerBehavior",
    "HostAlias 1ip:s 2hostnames:*s",
    "HostPathVolumeSource 1path:s 2type:s",
    "ImageVolumeSource 1reference:s 2pullPolicy:s",
    "Ingress 1metadata:~ObjectMeta 2spec:~IngressSpec",
    "IngressBackend 4service:@IngressServiceBackend 3resource:@TypedLocalObjectReference",
    "IngressRule 1host:s 2ingressRuleValue:!IngressRuleValue",
    "IngressRuleValue 1http:@HTTPIngressRuleValue",
    "IngressServiceBackend 1name:s 2port:~ServiceBackendPort",
    "IngressSpec 4ingressClassName:s 1defaultBackend:@IngressBackend 2tls:*@IngressTLS 3rules:*@IngressRule",
    "IngressTLS 1hosts:*s 2secretName:s",
    "Job 1metadata:~ObjectMeta 2spec:~JobSpec",
    "JobSpec 1parallelism:i 2completions:i 3activeDeadlineSeconds:i 11podFailurePolicy:@PodFailurePolicy "
        "16successPolicy:@SuccessPolicy 7backoffLimit:i 12backoffLimitPerIndex:i 13maxFailedIndexes:i 4selector:@LabelSelector "
        "5manualSelector:o 6template:~PodTemplateSpec 8ttlSecondsAfterFinished:i 9completionMode:s 10suspend:o "
        "14podReplacementPolicy:s 15managedBy:s",
    "JobTemplateSpec 1metadata:~ObjectMeta 2spec:~JobSpec",
    "KeyToPath 1key:s 2path:s 3mode:i",
    "LabelSelector 1matchLabels:%s 2matchExpressions:*@LabelSelectorRequirement",
    "LabelSelectorAttributes 1rawSelector:s 2requirements:*@LabelSelectorRequirement",
    "LabelSelectorRequirement 1key:s 2operator:s 3values:*s",
    "Lifecycle 1postStart:@LifecycleHandler 2preStop:@LifecycleHandler 3stopSignal:s",
    "LifecycleHandler 1exec:@ExecAction 2httpGet:@HTTPGetAction 3tcpSocket:@TCPSocketAction 4sleep:@SleepAction",
    "LocalObjectReference 1name:s",
    "LocalSubjectAccessReview 1metadata:~ObjectMeta 2spec:~SubjectAccessReviewSpec",
    "MetricIdentifier 1name:s 2selector:@LabelSelector",
    "MetricSpec 1type:s 2object:@ObjectMetricSource 3pods:@PodsMetricSource 4resource:@ResourceMetricSource "
        "7containerResource:@ContainerResourceMetricSource 5external:@ExternalMetricSource",
    "MetricTarget 1type:s 2value:Q 3averageValue:Q 4averageUtilization:i",
    "NFSVolumeSource 1server:s 2path:s 3readOnly:f",
    "Namespace 1metadata:~ObjectMeta 2spec:~NamespaceSpec",
    "NamespaceSpec 1finalizers:*s",
    "NodeAffinity 1requiredDuringSchedulingIgnoredDuringExecution:@NodeSelector "
        "2preferredDuringSchedulingIgnoredDuringExecution:*@PreferredSchedulingTerm",
    "NodeSelector 1nodeSelectorTerms:*@NodeSelectorTerm",
    "NodeSelectorRequirement 1key:s 2operator:s 3values:*s",
    "NodeSelectorTerm 1matchExpressions:*@NodeSelectorRequirement 2matchFields:*@NodeSelectorRequirement",
    "NonResourceAttributes 1path:s 2verb:s",
    "ObjectFieldSelector 1apiVersion:s 2fieldPath:s",
    "ObjectMeta 1name:s 2generateName:s 3namespace:s 5uid:s 6resourceVersion:s 7generation:z 8creationTimestamp:T "
        "9deletionTimestamp:T 10deletionGracePeriodSeconds:i 11labels:%s 12annotations:%s 13ownerReferences:*@OwnerReference "
        "14finalizers:*s",
    "ObjectMetricSource 1describedObject:~CrossVersionObjectReference 2target:~MetricTarget 3metric:~MetricIdentifier",
    "ObjectReference 1kind:s 2namespace:s 3name:s 4uid:s 5apiVersion:s 6resourceVersion:s 7fieldPath:s",
    "OwnerReference 5apiVersion:s 1kind:s 3name:s 4uid:s 6controller:o 7blockOwnerDeletion:o",
    "PersistentVolumeClaim 1metadata:~ObjectMeta 2spec:~PersistentVolumeClaimSpec",
    "PersistentVolumeClaimSpec 1accessModes:*s 4selector:@LabelSelector 2resources:~VolumeResourceRequirements 3volumeName:s "
        "5storageClassName:s 6volumeMode:s 7dataSource:@TypedLocalObjectReference 8dataSourceRef:@TypedObjectReference "
        "9volumeAttributesClassName:s",
    "PersistentVolumeClaimTemplate 1metadata:~ObjectMeta 2spec:~PersistentVolumeClaimSpec",
    "PersistentVolumeClaimVolumeSource 1claimName:s 2readOnly:f",
    "Pod 1metadata:~ObjectMeta 2spec:~PodSpec",
    "PodAffinity 1requiredDuringSchedulingIgnoredDuringExecution:*@PodAffinityTerm "
        "2preferredDuringSchedulingIgnoredDuringExecution:*@WeightedPodAffinityTerm",
    "PodAffinityTerm 1labelSelector:@LabelSelector 2namespaces:*s 3topologyKey:s 4namespaceSelector:@LabelSelector "
        "5matchLabelKeys:*s 6mismatchLabelKeys:*s",
    "PodAntiAffinity 1requiredDuringSchedulingIgnoredDuringExecution:*@PodAffinityTerm "
        "2preferredDuringSchedulingIgnoredDuringExecution:*@WeightedPodAffinityTerm",
    "PodCertificateProjection 1signerName:s 2keyType:s 3maxExpirationSeconds:i 4credentialBundlePath:s 5keyPath:s "
        "6certificateChainPath:s 7userAnnotations:%s",
    "PodDNSConfig 1nameservers:*s 2searches:*s 3options:*@PodDNSConfigOption",
    "PodDNSConfigOption 1name:s 2value:s",
    "PodDisruptionBudget 1metadata:~ObjectMeta 2spec:~PodDisruptionBudgetSpec",
    "PodDisruptionBudgetSpec 1minAvailable:X 2selector:@LabelSelector 3maxUnavailable:X 4unhealthyPodEvictionPolicy:s",
    "PodFailurePolicy 1rules:*@PodFailurePolicyRule",
    "PodFailurePolicyOnExitCodesRequirement 1containerName:s 2operator:s 3values:*i",
    "PodFailurePolicyOnPodConditionsPattern 1type:s",
    "PodFailurePolicyRule 1action:s 2onExitCodes:@PodFailurePolicyOnExitCodesRequirement "
        "3onPodConditions:*@PodFailurePolicyOnPodConditionsPattern",
    "PodOS 1name:s",
    "PodReadinessGate 1conditionType:s",
    "PodResourceClaim 1name:s 3resourceClaimName:s 4resourceClaimTemplateName:s",
    "PodSchedulingGate 1name:s",
    "PodSchedulingGroup 1podGroupName:s",
    "PodSecurityContext 1seLinuxOptions:@SELinuxOptions 8windowsOptions:@WindowsSecurityContextOptions 2runAsUser:i 6runAsGroup:i "
        "3runAsNonRoot:o 4supplementalGroups:*i 12supplementalGroupsPolicy:s 5fsGroup:i 7sysctls:*@Sysctl 9fsGroupChangePolicy:s "
        "10seccompProfile:@SeccompProfile 11appArmorProfile:@AppArmorProfile 13seLinuxChangePolicy:s",
    "PodSpec 1volumes:*@Volume 20initContainers:*@Container 2containers:*@Container 34ephemeralContainers:*@EphemeralContainer "
        "3restartPolicy:s 4terminationGracePeriodSeconds:i 5activeDeadlineSeconds:i 6dnsPolicy:s 7nodeSelector:%s "
        "8serviceAccountName:s 9serviceAccount:s 21automountServiceAccountToken:o 10nodeName:s 11hostNetwork:f 12hostPID:f "
        "13hostIPC:f 27shareProcessNamespace:o 14securityContext:@PodSecurityContext 15imagePullSecrets:*@LocalObjectReference "
        "16hostname:s 17subdomain:s 18affinity:@Affinity 19schedulerName:s 22tolerations:*@Toleration 23hostAliases:*@HostAlias "
        "24priorityClassName:s 25priority:i 26dnsConfig:@PodDNSConfig 28readinessGates:*@PodReadinessGate 29runtimeClassName:s "
        "30enableServiceLinks:o 31preemptionPolicy:s 32overhead:%Q 33topologySpreadConstraints:*@TopologySpreadConstraint "
        "35setHostnameAsFQDN:o 36os:@PodOS 37hostUsers:o 38schedulingGates:*@PodSchedulingGate 39resourceClaims:*@PodResourceClaim "
        "40resources:@ResourceRequirements 41hostnameOverride:s 43schedulingGroup:@PodSchedulingGroup",
    "PodTemplateSpec 1metadata:~ObjectMeta 2spec:~PodSpec",
    "PodsMetricSource 1metric:~MetricIdentifier 2target:~MetricTarget",
    "PolicyRule 1verbs:*s 2apiGroups:*s 3resources:*s 4resourceNames:*s 5nonResourceURLs:*s",
    "Preconditions 1uid:s 2resourceVersion:s",
    "PreferredSchedulingTerm 1weight:z 2preference:~NodeSelectorTerm",
    "PriorityClass 1metadata:~ObjectMeta 2value:z 3globalDefault:f 4description:s 5preemptionPolicy:s",
    "Probe 1handler:!ProbeHandler 2initialDelaySeconds:z 3timeoutSeconds:z 4periodSeconds:z 5successThreshold:z "
        "6failureThreshold:z 7terminationGracePeriodSeconds:i",
    "ProbeHandler 1exec:@ExecAction 2httpGet:@HTTPGetAction 3tcpSocket:@TCPSocketAction 4grpc:@GRPCAction",
    "ProjectedVolumeSource 1sources:*@VolumeProjection 2defaultMode:i",
    "ReplicaSet 1metadata:~ObjectMeta 2spec:~ReplicaSetSpec",
    "ReplicaSetSpec 1replicas:i 4minReadySeconds:z 2selector:@LabelSelector 3template:~PodTemplateSpec",
    "ResourceAttributes 1namespace:s 2verb:s 3group:s 4version:s 5resource:s 6subresource:s 7name:s "
        "8fieldSelector:@FieldSelectorAttributes 9labelSelector:@LabelSelectorAttributes",
    "ResourceClaim 1name:s 2request:s",
    "ResourceFieldSelector 1containerName:s 2resource:s 3divisor:Q",
    "ResourceMetricSource 1name:s 2target:~MetricTarget",
    "ResourceQuota 1metadata:~ObjectMeta 2spec:~ResourceQuotaSpec",
    "ResourceQuotaSpec 1hard:%Q 2scopes:*s 3scopeSelector:@ScopeSelector",
    "ResourceRequirements 1limits:%Q 2requests:%Q 3claims:*@ResourceClaim",
    "Role 1metadata:~ObjectMeta 2rules:*@PolicyRule",
    "RoleBinding 1metadata:~ObjectMeta 2subjects:*@Subject 3roleRef:~RoleRef",
    "RoleRef 1apiGroup:s 2kind:s 3name:s",
    "RollingUpdateDaemonSet 1maxUnavailable:X 2maxSurge:X",
    "RollingUpdateDeployment 1maxUnavailable:X 2maxSurge:X",
    "RollingUpdateStatefulSetStrategy 1partition:i 2maxUnavailable:X",
    "SELinuxOptions 1user:s 2role:s 3type:s 4level:s",
    "Scale 1metadata:~ObjectMeta 2spec:~ScaleSpec",
    "ScaleSpec 1replicas:z",
    "ScopeSelector 1matchExpressions:*@ScopedResourceSelectorRequirement",
    "ScopedResourceSelectorRequirement 1scopeName:s 2operator:s 3values:*s",
    "SeccompProfile 1type:s 2localhostProfile:s",
    "Secret 1metadata:~ObjectMeta 5immutable:o 2data:%b 4stringData:%s 3type:s",
    "SecretEnvSource 1localObjectReference:!LocalObjectReference 2optional:o",
    "SecretKeySelector 1localObjectReference:!LocalObjectReference 2key:s 3optional:o",
    "SecretProjection 1localObjectReference:!LocalObjectReference 2items:*@KeyToPath 4optional:o",
    "SecretVolumeSource 1secretName:s 2items:*@KeyToPath 3defaultMode:i 4optional:o",
    "SecurityContext 1capabilities:@Capabilities 2privileged:o 3seLinuxOptions:@SELinuxOptions "
        "10windowsOptions:@WindowsSecurityContextOptions 4runAsUser:i 8runAsGroup:i 5runAsNonRoot:o 6readOnlyRootFilesystem:o "
        "7allowPrivilegeEscalation:o 9procMount:s 11seccompProfile:@SeccompProfile 12appArmorProfile:@AppArmorProfile",
    "SelfSubjectAccessReview 1metadata:~ObjectMeta 2spec:~SelfSubjectAccessReviewSpec",
    "SelfSubjectAccessReviewSpec 1resourceAttributes:@ResourceAttributes 2nonResourceAttributes:@NonResourceAttributes",
    "SelfSubjectReview 1metadata:~ObjectMeta",
    "SelfSubjectRulesReview 1metadata:~ObjectMeta 2spec:~SelfSubjectRulesReviewSpec",
    "SelfSubjectRulesReviewSpec 1namespace:s",
    "Service 1metadata:~ObjectMeta 2spec:~ServiceSpec",
    "ServiceAccount 1metadata:~ObjectMeta 2secrets:*@ObjectReference 3imagePullSecrets:*@LocalObjectReference "
        "4automountServiceAccountToken:o",
    "ServiceAccountTokenProjection 1audience:s 2expirationSeconds:i 3path:s",
    "ServiceBackendPort 1name:s 2number:z",
    "ServicePort 1name:s 2protocol:s 6appProtocol:s 3port:z 4targetPort:x 5nodePort:z",
    "ServiceSpec 1ports:*@ServicePort 2selector:%s 3clusterIP:s 18clusterIPs:*s 4type:s 5externalIPs:*s 7sessionAffinity:s "
        "8loadBalancerIP:s 9loadBalancerSourceRanges:*s 10externalName:s 11externalTrafficPolicy:s 12healthCheckNodePort:z "
        "13publishNotReadyAddresses:f 14sessionAffinityConfig:@SessionAffinityConfig 19ipFamilies:*s 17ipFamilyPolicy:s "
        "20allocateLoadBalancerNodePorts:o 21loadBalancerClass:s 22internalTrafficPolicy:s 23trafficDistribution:s",
    "SessionAffinityConfig 1clientIP:@ClientIPConfig",
    "SleepAction 1seconds:z",
    "StatefulSet 1metadata:~ObjectMeta 2spec:~StatefulSetSpec",
    "StatefulSetOrdinals 1start:z",
    "StatefulSetPersistentVolumeClaimRetentionPolicy 1whenDeleted:s 2whenScaled:s",
    "StatefulSetSpec 1replicas:i 2selector:@LabelSelector 3template:~PodTemplateSpec "
        "4volumeClaimTemplates:*@PersistentVolumeClaim 5serviceName:s 6podManagementPolicy:s "
        "7updateStrategy:~StatefulSetUpdateStrategy 8revisionHistoryLimit:i 9minReadySeconds:z "
        "10persistentVolumeClaimRetentionPolicy:@StatefulSetPersistentVolumeClaimRetentionPolicy 11ordinals:@StatefulSetOrdinals",
    "StatefulSetUpdateStrategy 1type:s 2rollingUpdate:@RollingUpdateStatefulSetStrategy",
    "Subject 1kind:s 2apiGroup:s 3name:s 4namespace:s",
    "SubjectAccessReview 1metadata:~ObjectMeta 2spec:~SubjectAccessReviewSpec",
    "SubjectAccessReviewSpec 1resourceAttributes:@ResourceAttributes 2nonResourceAttributes:@NonResourceAttributes 3user:s "
        "4groups:*s 5extra:%@ExtraValue 6uid:s",
    "SuccessPolicy 1rules:*@SuccessPolicyRule",
    "SuccessPolicyRule 1succeededIndexes:s 2succeededCount:i",
    "Sysctl 1name:s 2value:s",
    "TCPSocketAction 1port:x 2host:s",
    "TokenRequest 1metadata:~ObjectMeta 2spec:~TokenRequestSpec",
    "TokenRequestSpec 1audiences:*s 4expirationSeconds:i 3boundObjectRef:@BoundObjectReference",
    "Toleration 1key:s 2operator:s 3value:s 4effect:s 5tolerationSeconds:i",
    "TopologySpreadConstraint 1maxSkew:z 2topologyKey:s 3whenUnsatisfiable:s 4labelSelector:@LabelSelector 5minDomains:i "
        "6nodeAffinityPolicy:s 7nodeTaintsPolicy:s 8matchLabelKeys:*s",
    "TypedLocalObjectReference 1apiGroup:s 2kind:s 3name:s",
    "TypedObjectReference 1apiGroup:s 2kind:s 3name:s 4namespace:s",
    "Volume 1name:s 2volumeSource:!VolumeSource",
    "VolumeDevice 1name:s 2devicePath:s",
    "VolumeMount 1name:s 2readOnly:f 7recursiveReadOnly:s 3mountPath:s 4subPath:s 5mountPropagation:s 6subPathExpr:s",
    "VolumeProjection 1secret:@SecretProjection 2downwardAPI:@DownwardAPIProjection 3configMap:@ConfigMapProjection "
        "4serviceAccountToken:@ServiceAccountTokenProjection 5clusterTrustBundle:@ClusterTrustBundleProjection "
        "6podCertificate:@PodCertificateProjection",
    "VolumeResourceRequirements 1limits:%Q 2requests:%Q",
    "VolumeSource 1hostPath:@HostPathVolumeSource 2emptyDir:@EmptyDirVolumeSource 6secret:@SecretVolumeSource "
        "7nfs:@NFSVolumeSource 10persistentVolumeClaim:@PersistentVolumeClaimVolumeSource 13cinder:@CinderVolumeSource "
        "16downwardAPI:@DownwardAPIVolumeSource 19configMap:@ConfigMapVolumeSource 26projected:@ProjectedVolumeSource "
        "28csi:@CSIVolumeSource 29ephemeral:@EphemeralVolumeSource 30image:@ImageVolumeSource",
    "WeightedPodAffinityTerm 1weight:z 2podAffinityTerm:~PodAffinityTerm",
    "WindowsSecurityContextOptions 1gmsaCredentialSpecName:s 2gmsaCredentialSpec:s 3runAsUserName:s 4hostProcess:o",
    NULL,
};
