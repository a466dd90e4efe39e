"""The learner's side: the result of the proctoring review on the exam page, in the API and in the e-mail."""
