-- Failed events are few among the delivered ones, and they are looked for by app: when those of one app are sent again, and to
-- see whose receiver takes nothing any more. An event that is delivered never touches this index.
create index webhook_events_failed_idx on webhook_events (app_id, event_id) where status = 'failed';
