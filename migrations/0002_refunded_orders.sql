-- The refunded orders are few, but a filter on them with others beside it read each of their rows: now the index has the
-- other filter columns, as those of the other filters do.
drop index orders_refunded_idx;
create index orders_refunded_idx on orders (refund_status, order_no, app_id, status, method, amount)
    where refund_status <> 'none';
