-- Refunds that a provider asked us about although nobody here had asked for them: the payer went to the provider. The
-- provider asks again until it hears a verdict, so each has one row, and the verdict stays. `amount` is what would have gone
-- back when it was first asked, then what goes back.
create table refund_audits (
    audit_id           text   not null constraint refund_audits_pkey primary key,
    channel_id         text   not null,
    provider_refund_no text   not null,
    pay_no             text   not null,
    order_no           text,
    app_id             text,
    amount             bigint not null,
    asked_at           bigint not null,
    decision           text,
    refund_no          text,
    decided_by         text,
    decided_at         bigint
);
create unique index refund_audits_number_key on refund_audits (channel_id, provider_refund_no);
create index refund_audits_open_idx on refund_audits (audit_id) where decision is null;
