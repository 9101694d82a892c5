import time, cProfile, pstats, pytest
@pytest.mark.django_db
def test_a(cast):
    from tests.factories.programme import programme_a
    t=time.process_time(); programme_a(cast).run; print("first", time.process_time()-t)
@pytest.mark.django_db
def test_b(cast):
    from tests.factories.programme import programme_a
    t=time.process_time(); programme_a(cast).run; print("second", time.process_time()-t)
@pytest.mark.django_db
def test_c(cast):
    from tests.factories.programme import programme_a
    p=cProfile.Profile(time.process_time); p.enable(); programme_a(cast).run; p.disable()
    s=pstats.Stats(p); s.sort_stats("cumtime").print_stats(60)
