-- name:    survey
-- about:   What a customer answered when asked: how much of it, whether said or inferred, and the score. What was not answered is told, and is no 0.
-- kind:    survey
-- needs:   question, answer
-- without: time timestamp, score double, evidence text
-- source:  a row whose answer is null is a question that was asked and not answered. Of several answers to one question the latest counts, and all of those at one time, as the choices of one question; scores are those of these answers
-- default: survey_questions 0, survey_answered 0, survey_scored 0
-- column:  survey_questions       int     questions  different questions that were asked
-- column:  survey_answered        int     questions  of them, those with an answer
-- column:  survey_coverage        double  share      answered / asked; null where nothing was asked
-- column:  survey_declared_share  double  share      answers with evidence `declared` / answers whose evidence is known
-- column:  survey_inferred_share  double  share      with evidence `inferred`
-- column:  survey_scored          int     answers    answers with a score
-- column:  survey_score_mean      double  score      their mean; null without any
-- column:  survey_last_days       int     days       since the last answer; null without one or where times are not known
select customer_id,
       count(distinct question)                                                             as survey_questions,
       count(distinct question) filter (where is_answer)                                    as survey_answered,
       count(distinct question) filter (where is_answer) / count(distinct question)         as survey_coverage,
       count(*) filter (where is_answer and place = 1 and evidence = 'declared')
         / count(evidence) filter (where is_answer and place = 1)                           as survey_declared_share,
       count(*) filter (where is_answer and place = 1 and evidence = 'inferred')
         / count(evidence) filter (where is_answer and place = 1)                           as survey_inferred_share,
       count(score) filter (where is_answer and place = 1)                                  as survey_scored,
       avg(score) filter (where is_answer and place = 1)                                    as survey_score_mean,
       as_of() - max(cast(time as date)) filter (where is_answer)                           as survey_last_days
from (select customer_id, question, time, score, evidence, is_answer,
             rank() over (partition by customer_id, question, is_answer order by time desc nulls last) as place
      from (select customer_id, question, time, score, evidence, answer is not null as is_answer
            from survey))
group by customer_id
