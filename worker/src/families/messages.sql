-- name:    messages
-- about:   How a customer answers messages, through which channel best, and which channels the customer has agreed to.
-- kind:    messages
-- needs:   time, action
-- without: message_id text, channel text
-- kind:    consents optional whole
-- without: channel text, granted boolean, time timestamp
-- source:  a message is one message_id of one source, whose steps count once; without an id each row is a step of its own. Of a channel without a step `delivered` those sent and not bounced are taken for delivered. A response is a click or a conversion: opens are not seen in every channel. Channels are ranked by (responses + 1) / (delivered + 2), Laplace's rule of succession, so that one answer to one message is no proof; then by responses, then by name
-- column:  messages_sent              int     messages  messages with a step `sent`
-- column:  messages_delivered         int     messages  messages with a step `delivered`; of channels without that step, those sent less those bounced
-- column:  messages_opened            int     messages  opened
-- column:  messages_clicked           int     messages  clicked
-- column:  messages_converted         int     messages  converted
-- column:  messages_bounced           int     messages  bounced
-- column:  messages_complained        int     messages  complained of
-- column:  messages_unsubscribed      int     messages  answered by unsubscribing
-- column:  message_open_rate          double  share     opened / delivered; null where nothing was delivered, and at most 1 where messages of before the window are answered in it
-- column:  message_click_rate         double  share     clicked / delivered
-- column:  message_conversion_rate    double  share     converted / delivered
-- column:  message_bounce_rate        double  share     bounced / sent; null where nothing was sent
-- column:  message_unsubscribe_rate   double  share     unsubscribed / delivered
-- column:  message_last_days          int     days      since the last one was sent or delivered
-- column:  message_last_open_days     int     days      since one was last opened
-- column:  message_last_click_days    int     days      since one was last clicked
-- column:  message_channel            text    channel   the best channel among those with a response; null without a response
-- column:  message_channel_responses  int     messages  responses in it
-- column:  message_channel_delivered  int     messages  what was delivered in it, and the responses where those are more
-- column:  message_channel_rate       double  share     responses / delivered
-- column:  message_channel_consent    bool    flag      whether the latest consent for it was given; null where none is known
-- column:  consented_channels         int     channels  channels for which the latest consent was given, of several at one time each; null where no consent is known
with steps as (
  select customer_id, source, message_id, channel, action, case when message_id is null then channel end as own_channel
  from messages),
of_message as (
  select customer_id, coalesce(own_channel, min(channel)) as channel,
         case when message_id is null then count(*) else 1 end as most,
         count(*) filter (where action = 'sent')         as sent,
         count(*) filter (where action = 'delivered')    as delivered,
         count(*) filter (where action = 'opened')       as opened,
         count(*) filter (where action = 'clicked')      as clicked,
         count(*) filter (where action = 'converted')    as converted,
         count(*) filter (where action = 'bounced')      as bounced,
         count(*) filter (where action = 'complained')   as complained,
         count(*) filter (where action = 'unsubscribed') as unsubscribed
  from steps
  group by customer_id, source, message_id, own_channel),
of_channel as (
  select customer_id, channel,
         sum(least(sent, most)) as sent, sum(least(opened, most)) as opened, sum(least(clicked, most)) as clicked,
         sum(least(converted, most)) as converted, sum(least(bounced, most)) as bounced,
         sum(least(complained, most)) as complained, sum(least(unsubscribed, most)) as unsubscribed,
         sum(least(greatest(clicked, converted), most)) as responses,
         case when sum(delivered) > 0 then sum(least(delivered, most))
              else greatest(sum(least(sent, most)) - sum(least(bounced, most)), 0) end as delivered
  from of_message
  group by customer_id, channel),
ranked as (
  select customer_id, channel, sent, delivered, opened, clicked, converted, bounced, complained, unsubscribed, responses,
         greatest(delivered, responses) as reached, responses > 0 and channel is not null as is_known,
         row_number() over (partition by customer_id
                            order by case when responses > 0 and channel is not null then 0 else 1 end,
                                     (responses + 1) / (greatest(delivered, responses) + 2) desc, responses desc, channel) as place
  from of_channel),
agreed as (
  select customer_id, channel, bool_and(granted) as granted
  from (select customer_id, channel, granted,
               rank() over (partition by customer_id, channel order by time desc nulls last) as place
        from consents)
  where place = 1
  group by customer_id, channel)
select c.customer_id,
       coalesce(m.sent, 0)              as messages_sent,
       coalesce(m.delivered, 0)         as messages_delivered,
       coalesce(m.opened, 0)            as messages_opened,
       coalesce(m.clicked, 0)           as messages_clicked,
       coalesce(m.converted, 0)         as messages_converted,
       coalesce(m.bounced, 0)           as messages_bounced,
       coalesce(m.complained, 0)        as messages_complained,
       coalesce(m.unsubscribed, 0)      as messages_unsubscribed,
       case when m.delivered > 0 then m.opened / greatest(m.delivered, m.opened) end             as message_open_rate,
       case when m.delivered > 0 then m.clicked / greatest(m.delivered, m.clicked) end           as message_click_rate,
       case when m.delivered > 0 then m.converted / greatest(m.delivered, m.converted) end       as message_conversion_rate,
       case when m.sent > 0 then m.bounced / greatest(m.sent, m.bounced) end                     as message_bounce_rate,
       case when m.delivered > 0 then m.unsubscribed / greatest(m.delivered, m.unsubscribed) end as message_unsubscribe_rate,
       t.last_days                      as message_last_days,
       t.last_open_days                 as message_last_open_days,
       t.last_click_days                as message_last_click_days,
       m.channel                        as message_channel,
       m.responses                      as message_channel_responses,
       m.reached                        as message_channel_delivered,
       m.responses / m.reached          as message_channel_rate,
       a.granted                        as message_channel_consent,
       g.channels                       as consented_channels
from $population c
left join (select customer_id, sum(sent) as sent, sum(delivered) as delivered, sum(opened) as opened, sum(clicked) as clicked,
                  sum(converted) as converted, sum(bounced) as bounced, sum(complained) as complained,
                  sum(unsubscribed) as unsubscribed,
                  min(channel) filter (where place = 1 and is_known)   as channel,
                  min(responses) filter (where place = 1 and is_known) as responses,
                  min(reached) filter (where place = 1 and is_known)   as reached
           from ranked
           group by customer_id) m on m.customer_id = c.customer_id
left join (select customer_id,
                  as_of() - max(cast(time as date)) filter (where action in ('sent', 'delivered')) as last_days,
                  as_of() - max(cast(time as date)) filter (where action = 'opened')               as last_open_days,
                  as_of() - max(cast(time as date)) filter (where action = 'clicked')              as last_click_days
           from messages
           group by customer_id) t on t.customer_id = c.customer_id
left join agreed a on a.customer_id = c.customer_id and a.channel = m.channel
left join (select customer_id, count(*) filter (where granted) as channels from agreed group by customer_id) g on g.customer_id = c.customer_id
