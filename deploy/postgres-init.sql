-- One database per service, an owner for migrations and a login for the service that owns nothing. Change the passwords.
create role attesta_ledger login password 'ledger-owner';
create role attesta_ledger_service login password 'ledger';
create database attesta_ledger owner attesta_ledger;
create role attesta_vault login password 'vault-owner';
create role attesta_vault_service login password 'vault';
create database attesta_vault owner attesta_vault;
create role attesta_audit login password 'audit-owner';
create role attesta_audit_service login password 'audit';
create database attesta_audit owner attesta_audit;
create role attesta_consent login password 'consent-owner';
create role attesta_consent_service login password 'consent';
create database attesta_consent owner attesta_consent;
revoke connect on database attesta_ledger, attesta_vault, attesta_audit, attesta_consent from public;
grant connect on database attesta_ledger to attesta_ledger_service;
grant connect on database attesta_vault to attesta_vault_service;
grant connect on database attesta_audit to attesta_audit_service;
grant connect on database attesta_consent to attesta_consent_service;
