{{- /* What a service's container mounts, and the volumes of that; both take dict root, service, facts. */ -}}
{{- define "attesta.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if include "attesta.secretKeys" . }}
- { name: own, mountPath: /secrets/own, readOnly: true }
{{- end }}
{{- if include "attesta.sharedKeys" . }}
- { name: shared, mountPath: /secrets/shared, readOnly: true }
{{- end }}
{{- if .facts.keys }}
- { name: data, mountPath: /data }
{{- end }}
{{- if and .facts.databases .root.Values.policy.configMap }}
- { name: policy, mountPath: /policy, readOnly: true }
{{- end }}
{{- if and (eq .service "ledger") .root.Values.witnesses.configMap }}
- { name: witnesses, mountPath: /witnesses, readOnly: true }
{{- end }}
{{- if .facts.databases }}
{{- range .root.Values.postgres.caSecrets }}
- { name: {{ . }}, mountPath: /tls/{{ . }}, readOnly: true }
{{- end }}
{{- end }}
{{- if and .facts.kafka .root.Values.kafka.tls.enabled }}
{{- if .root.Values.kafka.tls.caSecret }}
- { name: kafka-ca, mountPath: /kafka/ca, readOnly: true }
{{- end }}
{{- if .root.Values.kafka.tls.userSecretPrefix }}
- { name: kafka-user, mountPath: /kafka/user, readOnly: true }
{{- end }}
{{- end }}
{{- end }}

{{- define "attesta.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 1Gi }
{{- with include "attesta.secretKeys" . }}
- name: own
  secret:
    secretName: {{ include "attesta.secret" $ }}
    defaultMode: 0440
    items:
      {{- range splitList " " . }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- end }}
{{- with include "attesta.sharedKeys" . }}
- name: shared
  secret:
    secretName: {{ $.root.Values.secrets.shared }}
    defaultMode: 0440
    items:
      {{- range splitList " " . }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- end }}
{{- if .facts.keys }}
- name: data
  persistentVolumeClaim:
    claimName: {{ (index .root.Values.services .service).volume.existingClaim | default (printf "%s-%s" .root.Release.Name .service) }}
{{- end }}
{{- if and .facts.databases .root.Values.policy.configMap }}
- name: policy
  configMap: { name: {{ .root.Values.policy.configMap }} }
{{- end }}
{{- if and (eq .service "ledger") .root.Values.witnesses.configMap }}
- name: witnesses
  configMap: { name: {{ .root.Values.witnesses.configMap }} }
{{- end }}
{{- if .facts.databases }}
{{- include "attesta.databaseVolumes" . }}
{{- end }}
{{- if and .facts.kafka .root.Values.kafka.tls.enabled }}
{{- with .root.Values.kafka.tls.caSecret }}
- name: kafka-ca
  secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- with .root.Values.kafka.tls.userSecretPrefix }}
- name: kafka-user
  secret:
    secretName: {{ . }}{{ $.service }}
    defaultMode: 0440
    items: [{ key: user.crt, path: user.crt }, { key: user.key, path: user.key }]
{{- end }}
{{- end }}
{{- end }}

{{- define "attesta.databaseVolumes" -}}
{{- range .root.Values.postgres.caSecrets }}
- name: {{ . }}
  secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- end }}
