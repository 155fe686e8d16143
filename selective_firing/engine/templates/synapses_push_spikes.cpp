{# Nothing is queued: the synapses read the events themselves. #}
{% extends 'common_group.cpp' %}
