-- One text for SQLite and PostgreSQL: only text, bigint and integer columns; flags are 0 or 1, times are UTC
-- milliseconds, amounts are fen, lists are comma-separated, objects are JSON. Constraints and unique indexes carry names,
-- since storage/failure.rs turns them into the rule that was broken.

-- Merchants' applications, the tenants.
create table apps (
    app_id      text    not null constraint apps_pkey primary key,
    pid         bigint  not null constraint apps_pid_key unique,
    name        text    not null,
    enabled     integer not null,
    settings    text    not null,
    created_at  bigint  not null
);

-- Keys of an app, sealed; several of a kind are valid during a rotation.
create table app_keys (
    key_id      text    not null constraint app_keys_pkey primary key,
    app_id      text    not null constraint app_keys_app_fkey references apps (app_id),
    kind        text    not null,
    value       text    not null,
    created_at  bigint  not null,
    retires_at  bigint
);
create index app_keys_app_idx on app_keys (app_id);

-- Provider accounts of ours; without an app they serve all of them.
create table channels (
    channel_id  text    not null constraint channels_pkey primary key,
    kind        text    not null,
    name        text    not null,
    app_id      text    constraint channels_app_fkey references apps (app_id),
    enabled     integer not null,
    methods     text    not null,
    gateway_url text,
    ca_pem      text,
    priority    bigint  not null,
    version     bigint  not null,
    created_at  bigint  not null,
    updated_at  bigint  not null
);
create unique index channels_name_key on channels (coalesce(app_id, ''), name);

-- Every version of a channel's credentials, sealed: a payment keeps the version that it started with.
create table channel_versions (
    channel_id  text    not null constraint channel_versions_channel_fkey references channels (channel_id),
    version     bigint  not null,
    credentials text    not null,
    created_at  bigint  not null,
    constraint channel_versions_pkey primary key (channel_id, version)
);

-- An app's word on one channel: whether it is offered there, and its place in the app's order.
create table channel_offers (
    app_id      text    not null constraint channel_offers_app_fkey references apps (app_id),
    channel_id  text    not null constraint channel_offers_channel_fkey references channels (channel_id),
    offered     integer not null,
    priority    bigint,
    constraint channel_offers_pkey primary key (app_id, channel_id)
);

-- What merchants want paid. The merchant's number leads its unique index, so that a search without the app finds it too;
-- the filter indexes end in the other filter columns, so that a rare combination is found without reading the rows.
-- There is no index on the creation time: the order number begins with it.
create table orders (
    order_no        text    not null constraint orders_pkey primary key,
    app_id          text    not null,
    out_order_no    text    not null,
    token           text    not null,
    amount          bigint  not null constraint orders_amount_check check (amount > 0),
    subject         text    not null,
    body            text,
    methods         text    not null,
    notify_url      text,
    return_url      text,
    cancel_url      text,
    show_url        text,
    attach          text,
    client_ip       text,
    user_id         text,
    platform        text,
    scene           text,
    refers          text,
    extra           text    not null,
    expires_in      bigint  not null,
    created_at      bigint  not null,
    expires_at      bigint  not null,
    status          text    not null,
    close_reason    text,
    refund_status   text    not null,
    refunded_amount bigint  not null,
    method          text,
    pay_no          text,
    paid_at         bigint,
    closed_at       bigint,
    version         bigint  not null
);
create unique index orders_out_order_no_key on orders (out_order_no, app_id);
create unique index orders_token_key on orders (token);
create index orders_app_idx on orders (app_id, order_no, status, method, amount);
create index orders_status_idx on orders (status, order_no, app_id, method, amount);
create index orders_method_idx on orders (method, order_no, app_id, status, amount) where method is not null;
create index orders_refunded_idx on orders (refund_status, order_no, app_id) where refund_status <> 'none';
create index orders_amount_idx on orders (amount, order_no);

-- Attempts to pay an order. The partial unique index is what makes a second paying payment impossible.
create table payments (
    pay_no            text    not null constraint payments_pkey primary key,
    order_no          text    not null constraint payments_order_fkey references orders (order_no),
    app_id            text    not null,
    channel_id        text    not null,
    channel_version   bigint  not null,
    method            text    not null,
    amount            bigint  not null constraint payments_amount_check check (amount > 0),
    client_ip         text,
    created_at        bigint  not null,
    expires_at        bigint  not null,
    status            text    not null,
    pays_order        integer not null,
    next              text,
    code_expires_at   bigint,
    provider_data     text    not null,
    provider_trade_no text,
    payer             text,
    received          bigint,
    error_code        text,
    error_message     text,
    verified_by       text,
    paid_at           bigint,
    refund_reserved   bigint  not null constraint payments_refund_reserved_check check (refund_reserved >= 0)
);
create index payments_order_idx on payments (order_no);
create unique index payments_paying_key on payments (order_no) where pays_order = 1;
create index payments_trade_no_idx on payments (provider_trade_no) where provider_trade_no is not null;

-- Money sent back from one payment.
create table refunds (
    refund_no          text    not null constraint refunds_pkey primary key,
    app_id             text    not null,
    out_refund_no      text    not null,
    order_no           text,
    pay_no             text    not null constraint refunds_payment_fkey references payments (pay_no),
    case_id            text,
    amount             bigint  not null constraint refunds_amount_check check (amount > 0),
    reason             text    not null,
    notify_url         text,
    requested_by       text    not null,
    created_at         bigint  not null,
    status             text    not null,
    provider_refund_no text,
    error_code         text,
    error_message      text,
    succeeded_at       bigint
);
create unique index refunds_out_refund_no_key on refunds (out_refund_no, app_id);
create index refunds_order_idx on refunds (order_no);
create index refunds_pay_idx on refunds (pay_no);
create index refunds_app_idx on refunds (app_id, refund_no);
create index refunds_status_idx on refunds (status, refund_no);
create index refunds_provider_no_idx on refunds (provider_refund_no) where provider_refund_no is not null;

-- Money that arrived where none was awaited; the same money makes one case only.
create table cases (
    case_id           text    not null constraint cases_pkey primary key,
    kind              text    not null,
    app_id            text,
    channel_id        text    not null,
    order_no          text,
    pay_no            text,
    claimed_no        text    not null,
    provider_trade_no text    not null,
    amount            bigint  not null,
    created_at        bigint  not null,
    status            text    not null,
    answer            text,
    refund_no         text,
    resolved_at       bigint,
    resolved_by       text
);
create unique index cases_money_key on cases (kind, channel_id, claimed_no, provider_trade_no);
create index cases_order_idx on cases (order_no);
create index cases_status_idx on cases (status, case_id);

-- Providers' messages as they came.
create table notices (
    id          text    not null constraint notices_pkey primary key,
    channel_id  text    not null,
    kind        text    not null,
    received_at bigint  not null,
    headers     text    not null,
    body_base64 text    not null,
    verified    integer not null,
    result      text    not null,
    pay_no      text,
    order_no    text
);
create index notices_channel_idx on notices (channel_id, id);
create index notices_order_idx on notices (order_no) where order_no is not null;
create index notices_pay_idx on notices (pay_no) where pay_no is not null;
create index notices_unverified_idx on notices (channel_id, received_at) where verified = 0;

-- Every step of an order.
create table timeline (
    id          text    not null,
    order_no    text    not null,
    at          bigint  not null,
    kind        text    not null,
    actor       text    not null,
    about       text,
    data        text    not null,
    constraint timeline_pkey primary key (order_no, id)
);

-- Messages to merchants, frozen when they arose.
create table webhook_events (
    event_id     text    not null constraint webhook_events_pkey primary key,
    app_id       text    not null,
    kind         text    not null,
    order_no     text,
    about        text    not null,
    url          text    not null,
    body         text    not null,
    created_at   bigint  not null,
    status       text    not null,
    attempts     bigint  not null,
    delivered_at bigint
);
create index webhook_events_order_idx on webhook_events (order_no) where order_no is not null;
create index webhook_events_about_idx on webhook_events (about);
create index webhook_events_app_idx on webhook_events (app_id, event_id);
create index webhook_events_status_idx on webhook_events (status, event_id);
create index webhook_events_pending_idx on webhook_events (created_at) where status = 'pending';

-- Tries to deliver an event.
create table webhook_deliveries (
    id              text    not null,
    event_id        text    not null constraint webhook_deliveries_event_fkey references webhook_events (event_id),
    attempt         bigint  not null,
    at              bigint  not null,
    duration_ms     bigint  not null,
    request_headers text    not null,
    status_code     bigint,
    reply           text,
    error           text,
    constraint webhook_deliveries_pkey primary key (event_id, id)
);

-- Work that is due at a time. Whoever claims a row holds it until its lease ends.
create table tasks (
    kind        text    not null,
    about       text    not null,
    due_at      bigint  not null,
    attempts    bigint  not null,
    step        bigint  not null,
    lease_owner text,
    lease_until bigint,
    constraint tasks_pkey primary key (kind, about)
);
create index tasks_due_idx on tasks (kind, due_at);

-- Nonces of API calls, until their window is over.
create table nonces (
    app_id      text    not null,
    nonce       text    not null,
    expires_at  bigint  not null,
    constraint nonces_pkey primary key (app_id, nonce)
);
create index nonces_expires_idx on nonces (expires_at);

-- Who may use the panel. The password is an argon2id hash.
create table staff (
    staff_id      text    not null constraint staff_pkey primary key,
    name          text    not null constraint staff_name_key unique,
    role          text    not null,
    password_hash text    not null,
    enabled       integer not null,
    failed_logins bigint  not null,
    locked_until  bigint  not null,
    created_at    bigint  not null,
    last_login_at bigint
);

-- Sessions of staff, under the hash of their id.
create table sessions (
    id_hash     text    not null constraint sessions_pkey primary key,
    staff_id    text,
    data        text    not null,
    expires_at  bigint  not null
);
create index sessions_staff_idx on sessions (staff_id) where staff_id is not null;
create index sessions_expires_idx on sessions (expires_at);

-- Failed logins by address and millisecond.
create table login_failures (
    address     text    not null,
    at          bigint  not null,
    failures    bigint  not null,
    constraint login_failures_pkey primary key (address, at)
);
create index login_failures_at_idx on login_failures (at);

-- What staff did. Each row's hash covers the row and the hash before it.
create table audit (
    seq          bigint  not null constraint audit_pkey primary key,
    at           bigint  not null,
    actor        text    not null,
    action       text    not null,
    object       text    not null,
    before_value text,
    after_value  text,
    address      text,
    previous     text    not null,
    hash         text    not null
);

-- The end of the audit chain: the one row that every new entry locks, and that shows when the last entries are missing.
create table audit_head (
    id   integer not null constraint audit_head_pkey primary key,
    seq  bigint  not null,
    hash text    not null
);
insert into audit_head (id, seq, hash) values (1, 0, '');

-- Sealed settings of the installation.
create table secrets (
    name  text not null constraint secrets_pkey primary key,
    value text not null
);
