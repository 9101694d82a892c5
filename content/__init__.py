"""What a lesson is made of: blocks, videos, questions, checklists, surveys; knows no learner."""
